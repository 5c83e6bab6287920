import { noMethod, noRoute, OktaError } from "./errors.ts";
import { json, type OktaIncoming, type OktaOutgoing, partsOf, withHeaders } from "./exchange.ts";
import { introspect } from "./introspection.ts";
import { keySet, metadata, openidConfiguration } from "./metadata.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { issueOrgToken } from "./org-token.ts";
import type { Bucket } from "./plans.ts";
import { activeClient, presentedOf } from "./presented.ts";
import { revoke } from "./revocation.ts";
import { serverOf } from "./servers.ts";
import type { Server } from "./state.ts";
import { issueToken, type TokenResponse } from "./token.ts";

/** Everything below `/oauth2`: the org's own authorization server, whose paths have no id, and the custom ones. */
export async function oauth(org: Org, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const [, id = "", ...rest] = partsOf(incoming.path);
  if (id === "v1") return ofOrg(org, rest.join("/"), incoming);
  return ofServer(org, serverOf(org, id), rest.join("/"), incoming);
}

async function ofOrg(org: Org, endpoint: string, incoming: OktaIncoming): Promise<OktaOutgoing> {
  switch (`${incoming.method} ${endpoint}`) {
    case "GET keys":
      return cached({ keys: [org.key.publicJwk] });
    case "POST token":
      return tokenAnswer(org, "orgToken", incoming, () => issueOrgToken(org, presentedOf(org, incoming), incoming));
    default:
      throw noRoute();
  }
}

async function ofServer(org: Org, server: Server, endpoint: string, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const { method, nowMs, host } = incoming;
  switch (endpoint) {
    case ".well-known/oauth-authorization-server":
      checkClient(org, incoming);
      return json(200, metadata(org, server, host));
    case ".well-known/openid-configuration":
      checkClient(org, incoming);
      return json(200, openidConfiguration(org, server, host));
    case "v1/keys":
      return cached(keySet(server));
    case "v1/token":
      if (method !== "POST") throw noMethod();
      return tokenAnswer(org, "token", incoming, async () => {
        // The answer is not recorded.
        if (server.status !== "ACTIVE") throw refusal("invalid_authorization_server");
        return issueToken(org, server, presentedOf(org, incoming), incoming);
      });
    case "v1/introspect":
      if (method !== "POST") throw noMethod();
      return json(200, await introspect(org, server, presentedOf(org, incoming), nowMs));
    case "v1/revoke":
      if (method !== "POST") throw noMethod();
      await revoke(org, server, presentedOf(org, incoming), nowMs);
      return json(200);
    default:
      throw noRoute();
  }
}

/** RFC 6749 section 5.1. Limits of the token endpoints are the whole org's. */
async function tokenAnswer(
  org: Org,
  bucket: Bucket,
  { nowMs }: OktaIncoming,
  issue: () => Promise<TokenResponse & { readonly clientId: string }>,
): Promise<OktaOutgoing> {
  const headers = { ...org.limits.count(bucket, undefined, nowMs), "cache-control": "no-store" };
  try {
    const { clientId, ...token } = await issue();
    return { ...withHeaders(json(200, token), headers), tokenClient: clientId };
  } catch (refused) {
    if (!(refused instanceof OktaError)) throw refused;
    throw new OktaError(refused.status, refused.body, { ...headers, ...refused.headers });
  }
}

const cached = (body: object): OktaOutgoing => withHeaders(json(200, body), { "cache-control": "max-age=3600" });

/** Okta: a client may be named, and must be one. */
function checkClient(org: Org, { method, query }: OktaIncoming): void {
  if (method !== "GET") throw noMethod();
  const { client_id: id } = query;
  if (typeof id === "string" && activeClient(org, id) === undefined)
    throw new OktaError(400, {
      errorCode: "invalid_client",
      errorSummary: "Invalid value for 'client_id' parameter.",
    });
}
