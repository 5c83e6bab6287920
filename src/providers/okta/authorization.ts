import type { Clock } from "../../ports/clock.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import { createOrgTokens } from "./org-token.ts";
import type { Authorization } from "./session.ts";
import type { OktaSettings } from "./settings.ts";

/** Scopes of Okta's own API: to read, or to change things too. */
export const neededScopes = (isReadOnly: boolean): readonly string[] => {
  const verb = isReadOnly ? "read" : "manage";
  return [`okta.apps.${verb}`, `okta.authorizationServers.${verb}`];
};

export function createAuthorization(
  settings: OktaSettings,
  scopes: readonly string[],
  fetch: Fetch,
  clock: Clock,
): Authorization {
  const { credential } = settings;
  if (credential.kind === "key") return createOrgTokens({ settings, key: credential, scopes, fetch, clock });
  return {
    headersFor: () => Promise.resolve({ authorization: `SSWS ${credential.apiToken}` }),
    missingScopes: () => Promise.resolve([]),
    forget: () => undefined,
    generation: () => 0,
    // The same token again would be the same answer.
    drop: () => false,
  };
}
