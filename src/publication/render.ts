import type { LayoutInputs, PublicApi, Rendering, SecretInputs } from "./inputs.ts";
import { PASSING_NAMES, scopeText, styledKeys, type Values, valuesOf } from "./keys.ts";
import { renderTemplate, type TemplateScope } from "./template.ts";

/** Sum of the sizes of all values that the API server takes (MaxSecretSize of Kubernetes). */
const MAX_DATA_BYTES = 1_048_576;

/**
 * The client's Secret: all keys in the wanted style, then what the template says, which wins where both name a key.
 * A primary grant that is not there yet is waited for: without it the flat keys would be another API's or nobody's.
 */
export function renderClientSecret(inputs: SecretInputs): Rendering {
  const { primary } = inputs;
  if (primary !== undefined && !inputs.grants.some((grant) => grant.name === primary))
    return { kind: "waiting", names: [`grants.${primary}`] };
  const values = valuesOf(inputs);
  // Before any template repeats them.
  if (isTooLarge(values)) return tooLarge();
  const { keyStyle, keyPrefix, template } = inputs.layout;
  const data = styledKeys(values, keyStyle, keyPrefix);
  const waitingFor = new Set<string>();
  const scope = templateScope(inputs, values);
  for (const [key, text] of Object.entries(template.data)) {
    const outcome = renderTemplate(text, scope);
    if (outcome.kind === "invalid")
      return { kind: "invalid", message: `secret.template.data["${key}"]: ${outcome.message}` };
    if (outcome.kind === "unknown") waitingFor.add(outcome.name);
    else data[key] = outcome.text;
  }
  if (waitingFor.size > 0) return { kind: "waiting", names: [...waitingFor].sort() };
  return checked(data);
}

function checked(data: Readonly<Record<string, string>>): Rendering {
  const refused = Object.keys(data).find((key) => !isDataKey(key));
  if (refused !== undefined) return { kind: "invalid", message: `"${refused}" cannot be the key of a Secret.` };
  return isTooLarge(data) ? tooLarge() : { kind: "rendered", data };
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

function tooLarge(): Rendering {
  return { kind: "invalid", message: `The Secret would hold more than ${String(MAX_DATA_BYTES)} bytes.` };
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
  Object.defineProperty(grants, "toString", { value: () => values["grants"] });
  const apis = Object.fromEntries(Object.entries(inputs.apis).map(([name, api]) => [name, templateApi(api)]));
  // Empty while there is none, so that a template can name them at any time.
  const passing = Object.fromEntries(PASSING_NAMES.map((name) => [name, ""]));
  return { ...passing, ...values, grants, apis };
}

/** Whether somebody who reads the Secret can see what comes next: by its keys, or where a template names it. */
export function showsNext({ keyStyle, template }: LayoutInputs): boolean {
  return keyStyle !== "None" || Object.values(template.data).some((text) => text.includes("next_"));
}

function templateApi(api: PublicApi): Values {
  return {
    audience: api.audience,
    scopes: scopeText(api.scopes),
    issuer: api.issuer,
    well_known_url: api.wellKnownUrl,
    token_endpoint: api.tokenEndpoint,
    jwks_uri: api.jwksUri,
  };
}
