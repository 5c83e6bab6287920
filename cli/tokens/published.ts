import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { publicKeyOf } from "../../src/kinds/m2m-client/credential/public-key.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { ClientAuthentication } from "../../src/ports/provider.ts";
import { algorithmFor } from "../../src/ports/signing-algorithms.ts";
import { styledKeys } from "../../src/publication/keys.ts";

/** An API that the client may call, as the key `grants` of the Secret lists it. */
const apiSchema = z.object({
  name: z.string(),
  audience: z.string(),
  scopes: z.array(z.string()),
  issuer: z.string(),
  well_known_url: z.string(),
  token_endpoint: z.string(),
  organizations: z.array(z.string()).optional(),
});

export type PublishedApi = z.output<typeof apiSchema>;

/** What a workload reads in its Secret. */
export interface PublishedCredential {
  readonly clientId: string;
  /** For the token endpoint of this API. */
  readonly authenticationFor: (api: PublishedApi) => ClientAuthentication;
  readonly apis: readonly PublishedApi[];
  /** The audience in the flat keys. */
  readonly primary: string | undefined;
}

/** Why the Secret has no credential that the plugin can use, and what to do. */
export interface Problem {
  readonly problem: string;
  readonly advice?: string;
  /** The Secret is as specified, and the plugin cannot use it. */
  readonly isByDesign?: true;
}

/** The credential, or why there is none. Never quotes a value. `ownKey`: the user's private key in PEM. */
export function publishedCredential(
  data: Readonly<Record<string, string>>,
  { authentication: specified, secret }: Pick<M2MClient["spec"], "authentication" | "secret">,
  ownKey?: string,
): PublishedCredential | Problem {
  const { keyStyle = "Snake", keyPrefix = "" } = secret ?? {};
  const isOwnKey = specified?.privateKeyJwt?.publicKeys !== undefined;
  const problem = accountProblem(specified) ?? keyProblem(keyStyle, isOwnKey, ownKey);
  if (problem !== undefined) return problem;
  const value = (name: string): string | undefined =>
    data[Object.keys(styledKeys({ [name]: "" }, keyStyle, keyPrefix))[0] ?? ""];
  const clientId = value("client_id");
  const apis = apisIn(value("grants"));
  if (clientId === undefined || apis === undefined) return { problem: "It lacks the keys client_id or grants." };
  const authentication = ownKey === undefined ? authenticationIn(value) : ownAuthentication(value, ownKey);
  if (authentication === undefined) return { problem: "It has no credential." };
  return {
    ...{ clientId, apis, primary: value("audience") },
    authenticationFor: (api) => withAudience(authentication, api, value("token_endpoint")),
  };
}

const ONLY_TEMPLATE: Problem = {
  problem: "It has only the keys of its template (keyStyle: None), and the plugin cannot tell which of them is which.",
  advice: "Set another spec.secret.keyStyle. The keys of the template stay.",
  isByDesign: true,
};

const ONLY_PUBLIC: Problem = {
  problem: "Only you have the private key of this client (publicKeys).",
  advice: "Use --private-key FILE.",
  isByDesign: true,
};

function accountProblem(specified: M2MClient["spec"]["authentication"]): Problem | undefined {
  const name = specified?.serviceAccount?.name;
  if (name === undefined) return undefined;
  return {
    problem: `The client authenticates with ServiceAccount "${name}", and the Secret has no credential.`,
    advice: `Run the request in a Pod of that service account, or use a token of kubectl create token ${name} as client assertion.`,
    isByDesign: true,
  };
}

function keyProblem(keyStyle: string, isOwnKey: boolean, ownKey: string | undefined): Problem | undefined {
  if (keyStyle === "None") return ONLY_TEMPLATE;
  if (isOwnKey) return ownKey === undefined ? ONLY_PUBLIC : undefined;
  if (ownKey === undefined) return undefined;
  return { problem: "The credential of this client is in it.", advice: "Omit --private-key." };
}

function apisIn(text: string | undefined): readonly PublishedApi[] | undefined {
  try {
    return z.array(apiSchema).safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

function authenticationIn(value: (name: string) => string | undefined): ClientAuthentication | undefined {
  const method = value("token_endpoint_auth_method");
  if (method !== "private_key_jwt") {
    const clientSecret = value("client_secret");
    if (clientSecret === undefined) return undefined;
    return { method: method === "client_secret_basic" ? method : "client_secret_post", clientSecret };
  }
  const [privateKey, keyId] = [value("private_key"), value("key_id")];
  if (privateKey === undefined || keyId === undefined) return undefined;
  const audience = value("client_assertion_audience") ?? "";
  return { method, privateKey, keyId, algorithm: value("signing_algorithm") ?? "RS256", audience };
}

/** With the user's own key. The operator registered it under its thumbprint. */
function ownAuthentication(value: (name: string) => string | undefined, pem: string): ClientAuthentication {
  const privateKey = createPrivateKey(pem).export({ type: "pkcs8", format: "pem" }).toString();
  const audience = value("client_assertion_audience") ?? "";
  const { keyId, type } = publicKeyOf(privateKey);
  // The Secret names the algorithm of one of the keys, and others may be of another type.
  const algorithm = algorithmFor(type, value("signing_algorithm") ?? "RS256");
  return { method: "private_key_jwt", privateKey, keyId, algorithm, audience };
}

/** Where assertions are for the token endpoint, each API's own one counts. */
function withAudience(
  authentication: ClientAuthentication,
  { token_endpoint: own }: PublishedApi,
  flat: string | undefined,
): ClientAuthentication {
  if (authentication.method !== "private_key_jwt") return authentication;
  const isForEndpoint = authentication.audience === "" || authentication.audience === flat;
  return isForEndpoint ? { ...authentication, audience: own } : authentication;
}
