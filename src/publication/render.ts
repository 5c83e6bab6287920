import type { PublicApi, Rendering, SecretInputs } from "./inputs.ts";
import { styledKeys, type Values, valuesOf } from "./keys.ts";
import { renderTemplate } from "./template.ts";

/** The client's Secret: all keys in the wanted style, then what the template says. */
export function renderClientSecret(inputs: SecretInputs): Rendering {
  const values = valuesOf(inputs);
  const { keyStyle, keyPrefix, template } = inputs.layout;
  const data = styledKeys(values, keyStyle, keyPrefix);
  const waitingFor = new Set<string>();
  const scope = templateScope(inputs, values);
  for (const [key, text] of Object.entries(template.data)) {
    const outcome = renderTemplate(text, scope);
    if (outcome.kind === "invalid") return { kind: "invalid", message: `secret.template.data["${key}"]: ${outcome.message}` };
    if (outcome.kind === "unknown") waitingFor.add(outcome.name);
    else data[key] = outcome.text;
  }
  if (waitingFor.size > 0) return { kind: "waiting", names: [...waitingFor].sort() };
  return { kind: "rendered", data };
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
    scopes: api.scopes.join(" "),
    token_endpoint: api.tokenEndpoint,
    well_known_url: api.wellKnownUrl,
  };
}

function templateScope(inputs: SecretInputs, values: Values): Readonly<Record<string, unknown>> {
  const grants = Object.fromEntries(inputs.grants.map((grant) => [grant.name, templateApi(grant)]));
  const apis = Object.fromEntries(Object.entries(inputs.apis).map(([name, api]) => [name, templateApi(api)]));
  return { ...values, grants, apis };
}

function templateApi(api: PublicApi): Values {
  return {
    audience: api.audience,
    scopes: api.scopes.join(" "),
    issuer: api.issuer,
    well_known_url: api.wellKnownUrl,
    token_endpoint: api.tokenEndpoint,
    jwks_uri: api.jwksUri,
  };
}
