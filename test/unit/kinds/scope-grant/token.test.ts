import { expect, it } from "vitest";
import { ProviderError } from "../../../../src/ports/provider-error.ts";
import { CAPABILITIES as AUTH0 } from "../../../../src/providers/auth0/capabilities.ts";
import { CAPABILITIES as KEYCLOAK } from "../../../../src/providers/keycloak/capabilities.ts";
import { CAPABILITIES as OKTA } from "../../../../src/providers/okta/capabilities.ts";
import { FACTS } from "../provider-facts.ts";
import { held, observed, reported } from "./reported.ts";

const at = (capabilities: typeof OKTA) => ({ provider: { state: "ready", facts: { ...FACTS, capabilities } } });
const heldWith = (change: object) => ({
  remote: { ...held, grant: { ...(held as { grant: object }).grant, ...change } },
});
const api = (status: object) => ({ peers: { api: { metadata: {}, spec: { scopes: [] }, status } } });
const pair = (change: object) => ({ pair: { ...observed.pair, ...change } });
const usage = (value: string, ids?: readonly string[]) => ({ organizations: { usage: value, any: false, ids } });
const external = {
  peers: { external: { ref: "api", scopes: [], tokens: { lifetimeSeconds: 7200, signingAlgorithm: "PS256" } } },
};
const server = (issuer: () => Promise<object | undefined>) => ({
  standing: { provider: { sharedMetadata: issuer, metadata: () => Promise.resolve({ issuer: "https://own" }) } },
});
const client = { client: { spec: {}, status: { defaultOrganization: "org_1" } } };
const BASE = { audience: "https://a", scopes: ["read", "write"] };

it.each<[string, object, object]>([
  ["at Okta, where nothing says how long it lives", at(OKTA), { lifetime: "1h" }],
  [
    "at Okta, as the rule of the policy says",
    { ...at(OKTA), ...heldWith({ lifetimeSeconds: 600 }) },
    { lifetime: "10m" },
  ],
  ["at Okta, as the grant says", { ...at(OKTA), ...pair({ lifetimeSeconds: 1800 }) }, { lifetime: "30m" }],
  [
    "at Okta, as its server says",
    { ...at(OKTA), ...api({ issuer: "https://org/oauth2/aus1", signingAlgorithm: "RS256", tokenLifetime: "2h" }) },
    { issuer: "https://org/oauth2/aus1", signingAlgorithm: "RS256", lifetime: "2h" },
  ],
  ["at Keycloak, where the realm decides", at(KEYCLOAK), {}],
  [
    "at Keycloak, as the client's grant says",
    {
      ...at(KEYCLOAK),
      ...heldWith({ lifetimeSeconds: 300 }),
      ...api({ issuer: "https://kc/realms/r", signingAlgorithm: "ES256" }),
    },
    { lifetime: "5m", issuer: "https://kc/realms/r", signingAlgorithm: "ES256" },
  ],
  [
    "of an API that no OAuthApi declares",
    { ...at(AUTH0), ...external, ...server(() => Promise.resolve({ issuer: "https://tenant/" })) },
    { issuer: "https://tenant/", lifetime: "2h", signingAlgorithm: "PS256" },
  ],
  [
    "of such an API with an issuer of its own",
    { ...at(OKTA), ...external, ...server(() => Promise.resolve(undefined)) },
    { issuer: "https://own", lifetime: "2h", signingAlgorithm: "PS256" },
  ],
  [
    "of such an API whose metadata cannot be read",
    { ...at(AUTH0), ...external, ...server(() => Promise.reject(new ProviderError("unavailable", "down"))) },
    { lifetime: "2h", signingAlgorithm: "PS256" },
  ],
  [
    "that may be bound to organizations",
    { ...at(AUTH0), ...pair(usage("Allow", ["org_1", "org_2"])), peers: client },
    { organizations: ["org_1", "org_2"], organizationUsage: "Allow", defaultOrganization: "org_1" },
  ],
  ["that must be bound to one", { ...at(AUTH0), ...heldWith(usage("Require")) }, { organizationUsage: "Require" }],
  ["that is bound to none", { ...at(AUTH0), ...pair(usage("Deny")), peers: client }, {}],
])("status shows a token %s", async (_what, change, expected) => {
  const { status } = await reported({ change, status: { externalId: "grant-1" } });
  expect(status?.token).toEqual({ ...BASE, ...expected });
});
