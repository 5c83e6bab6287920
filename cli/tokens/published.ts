import { z } from "zod";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { ClientAuthentication } from "../../src/ports/provider.ts";
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

/** The credential, or why the Secret has none that a program could use. Never quotes a value. */
export function publishedCredential(
  data: Readonly<Record<string, string>>,
  { secret }: Pick<M2MClient["spec"], "secret">,
): PublishedCredential | { readonly problem: string } {
  const { keyStyle = "Snake", keyPrefix = "" } = secret ?? {};
  if (keyStyle === "None") return { problem: "It has only the keys of its template (keyStyle: None)." };
  const value = (name: string): string | undefined =>
    data[Object.keys(styledKeys({ [name]: "" }, keyStyle, keyPrefix))[0] ?? ""];
  const clientId = value("client_id");
  const apis = apisIn(value("grants"));
  if (clientId === undefined || apis === undefined) return { problem: "It lacks the keys client_id or grants." };
  const authentication = authenticationIn(value);
  if (authentication === undefined)
    return { problem: "It has no credential, for example because only you have the private key." };
  return {
    ...{ clientId, apis, primary: value("audience") },
    authenticationFor: (api) => withAudience(authentication, api, value("token_endpoint")),
  };
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
