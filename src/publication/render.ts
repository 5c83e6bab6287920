import type { LayoutInputs, PublicApi, Rendering, SecretInputs } from "./inputs.ts";
import {
  grantsLength,
  grantsText,
  knownNames,
  PASSING_NAMES,
  scopeText,
  styledKeys,
  type Values,
  valuesOf,
} from "./keys.ts";
import { renderTemplates, TemplateFailure, type TemplateScope } from "./template.ts";

/** Sum of the sizes of all values that the API server takes (MaxSecretSize of Kubernetes). */
const MAX_DATA_BYTES = 1_048_576;

/**
 * The client's Secret: all keys in the wanted style, then what the template says, which wins where both name a key.
 * A primary grant that is not there yet is waited for: without it the flat keys would be those of another API or of none.
 */
export function renderClientSecret(inputs: SecretInputs): Rendering {
  const { primary } = inputs;
  if (primary !== undefined && !inputs.grants.some((grant) => grant.name === primary))
    return { kind: "waiting", names: [`grants.${primary}`] };
  const values = valuesOf(inputs);
  const { keyStyle, keyPrefix, template, type } = inputs.layout;
  const styled = styledKeys(values, keyStyle, keyPrefix);
  if (keyStyle !== "None") {
    // Only what is published counts, and it is not put together where it is too large.
    if (grantsLength(inputs.grants) > MAX_DATA_BYTES) return tooLarge("grants");
    Object.assign(styled, styledKeys({ grants: grantsText(inputs.grants) }, keyStyle, keyPrefix));
  }
  const known = { values: knownNames(type), apis: template.apis };
  const outcome = renderTemplates(template.data, known, templateScope(inputs, values));
  if (outcome.kind === "waiting") return outcome;
  if (outcome.kind === "invalid") return invalid(`${templateAt(outcome.key, outcome.message)}.`);
  return checked({ ...styled, ...outcome.texts }, template.data);
}

/** The problem of a template, after the field that holds it; a problem with a line begins with it. */
const templateAt = (key: string, problem: string): string =>
  `spec.secret.template.data["${key}"]${/^line \d+: /.test(problem) ? ", " : ": "}${problem}`;

const invalid = (message: string): Rendering => ({ kind: "invalid", reason: "TemplateInvalid", message });

function checked(data: Readonly<Record<string, string>>, templates: Readonly<Record<string, string>>): Rendering {
  const refused = Object.keys(data).find((key) => !isDataKey(key));
  if (refused !== undefined) {
    const field = Object.hasOwn(templates, refused) ? "spec.secret.template.data" : "spec.secret.keyPrefix";
    return invalid(
      `${field} makes the key "${refused}", which cannot be a key of a Secret. Use at most 253 letters, digits, '-', '_' and '.', and no '..' at the beginning.`,
    );
  }
  return isTooLarge(data) ? tooLarge(largestOf(data)) : { kind: "rendered", data };
}

/** The API server's rule for keys of Secrets and ConfigMaps. */
function isDataKey(key: string): boolean {
  return /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== "." && !key.startsWith("..");
}

function isTooLarge(data: Readonly<Record<string, string>>): boolean {
  const values = Object.values(data);
  const length = values.reduce((sum, value) => sum + value.length, 0);
  // Counting bytes makes the engine lay out a text that a template only put together: a plainly too long one is not.
  return length > MAX_DATA_BYTES || values.reduce((sum, value) => sum + Buffer.byteLength(value), 0) > MAX_DATA_BYTES;
}

function largestOf(data: Readonly<Record<string, string>>): string {
  const [largest] = Object.entries(data).sort(([, a], [, b]) => b.length - a.length);
  return largest?.[0] ?? "";
}

function tooLarge(key: string): Rendering {
  const message = `The Secret would hold more than ${String(MAX_DATA_BYTES)} bytes, most of them in "${key}". Grant fewer scopes, or set spec.secret.keyStyle: None and name in spec.secret.template.data only the keys that the workload needs.`;
  return { kind: "invalid", reason: "SecretTooLarge", message };
}

/** The Secret for one API alone: the same keys, as if the client had no other grant. */
export function renderGrantSecret(inputs: SecretInputs, grantName: string): Rendering {
  const grants = inputs.grants.filter((grant) => grant.name === grantName);
  return renderClientSecret({ ...inputs, grants, primary: grantName });
}

/** What a resource server or gateway needs in order to verify tokens: nothing of it is secret. */
export function renderApiConfigMap(api: PublicApi): Readonly<Record<string, string>> {
  return {
    audience: api.audience,
    issuer: api.issuer,
    jwks_uri: api.jwksUri,
    scopes: scopeText(api.scopes),
    token_endpoint: api.tokenEndpoint,
    well_known_url: api.wellKnownUrl,
  };
}

function templateScope(inputs: SecretInputs, values: Values): TemplateScope {
  const sorted = [...inputs.grants].sort((a, b) => (a.name < b.name ? -1 : 1));
  const grants = Object.fromEntries(sorted.map((grant) => [grant.name, templateApi(grant)]));
  // `{{ grants }}` writes out what the key of that name holds; not enumerable, so that `| json` does not see it.
  let written = undefined as string | undefined;
  Object.defineProperty(grants, "toString", { value: () => (written ??= writtenGrants(inputs)) });
  const apis = Object.fromEntries(Object.entries(inputs.apis).map(([name, api]) => [name, templateApi(api)]));
  // Empty while there is none, so that a template can name them at any time.
  const passing = Object.fromEntries(PASSING_NAMES.map((name) => [name, ""]));
  return { ...passing, ...values, grants, apis };
}

/** Throws where it would be more than a Secret can hold. */
function writtenGrants({ grants }: SecretInputs): string {
  if (grantsLength(grants) > MAX_DATA_BYTES)
    throw new TemplateFailure("grants is too large to render: name the grants that the workload needs");
  return grantsText(grants);
}

/** Whether somebody who reads the Secret can see what comes next: by its keys, or where a template names it. */
export function showsNext({ keyStyle, template }: LayoutInputs): boolean {
  return keyStyle !== "None" || Object.values(template.data).some((text) => text.includes("next_"));
}

/** Scopes are sorted when a template requests them: there may be many, of which it names few. */
function templateApi(api: PublicApi): Values {
  return {
    audience: api.audience,
    get scopes() {
      return scopeText(api.scopes);
    },
    issuer: api.issuer,
    well_known_url: api.wellKnownUrl,
    token_endpoint: api.tokenEndpoint,
    jwks_uri: api.jwksUri,
  };
}
