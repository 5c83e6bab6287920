import type { MapResources } from "../../../cli/map/from-resources.ts";
import { client, object } from "./objects.ts";

export const NOW = "2026-05-31T00:00:00.000Z";
export const TENANT = "example.eu.auth0.com";

type Api = MapResources["apis"][number];
type Grant = MapResources["grants"][number];

export const provider = object<MapResources["providers"][number]>("ClusterIdentityProvider", "default", {
  namespace: undefined,
  status: { vendor: "auth0", tenant: TENANT, oldestReadAt: "2026-05-30T23:50:00Z" },
});

export const api = (name: string, fields: object = {}): Api =>
  object<Api>("OAuthApi", name, {
    spec: { audience: `https://${name}` },
    status: { tenant: TENANT, externalId: `api-${name}` },
    ...fields,
  });

export const importer = client({
  status: {
    ...{ tenant: TENANT, clientId: "abc", externalId: "abc", authenticationMethod: "client_secret_post" },
    credentials: [
      { id: "2", state: "Current", createdAt: "2026-05-01T00:00:00Z" },
      { id: "1", state: "Retiring", createdAt: "2026-04-01T00:00:00Z" },
    ],
  },
});

export const grant = (name: string, scopes: readonly string[] | undefined, spec: object = {}): Grant =>
  object<Grant>("ScopeGrant", name, {
    spec: { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, ...spec },
    status: { tenant: TENANT, ...(scopes === undefined ? {} : { grantedScopes: scopes }) },
  });

export const RESOURCES: MapResources = {
  providers: [provider],
  apis: [api("timesheets")],
  clients: [importer],
  grants: [grant("reads", ["read:x"]), grant("writes", ["write:x"])],
  notes: [],
};
