import { noRoute } from "./errors.ts";
import { json, type OktaIncoming, type OktaOutgoing } from "./exchange.ts";
import { manage } from "./management.ts";
import { oauth } from "./oauth-routes.ts";
import type { Org } from "./org.ts";

const ORGANIZATION = "/.well-known/okta-organization";
const AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server/oauth2/";

/** Whether a path is one of an org's; RFC 8414 section 3.1 puts the well-known part first. */
export const isOktaPath = (path: string): boolean =>
  path.startsWith("/api/v1/") ||
  path.startsWith("/oauth2/") ||
  path === ORGANIZATION ||
  path.startsWith(AUTHORIZATION_SERVER);

/** Answers one request to the org. Throws OktaError for every answer that is not success. */
export async function answerOkta(org: Org, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const { path } = incoming;
  if (path.startsWith("/api/v1/") || path.startsWith("/oauth2/v1/clients")) return manage(org, incoming);
  if (path === ORGANIZATION) return json(200, organization(org));
  if (path.startsWith(AUTHORIZATION_SERVER)) {
    const server = path.slice(AUTHORIZATION_SERVER.length);
    return oauth(org, { ...incoming, path: `/oauth2/${server}/.well-known/oauth-authorization-server` });
  }
  if (path.startsWith("/oauth2/")) return oauth(org, incoming);
  throw noRoute();
}

const organization = ({ id, url }: Org): object => ({
  id,
  cell: "sandbox",
  _links: { organization: { href: url } },
  pipeline: "idx",
  settings: {
    ...{ analyticsCollectionEnabled: false, bugReportingEnabled: true, omEnabled: false, pssoEnabled: false },
    ...{ desktopMFAEnabled: false, itpEnabled: false },
  },
});
