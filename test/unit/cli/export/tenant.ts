import { exportOf, type ExportInput } from "../../../../cli/export/index.ts";
import type { ProviderResource } from "../../../../src/kinds/identity-provider/schema.ts";
import type { Inventory, ListedApi, ListedClient, ListedGrant, Ref } from "../../../../src/ports/provider.ts";
import { PROVIDERS } from "../../../../src/providers/by-name.ts";

export const ref = (text: string): Ref => text as Ref;

export const api = (fields: Partial<ListedApi> = {}): ListedApi => ({
  ref: ref("api1"),
  audience: "https://timesheets.example.com/",
  displayName: "Timesheets",
  description: undefined,
  scopes: [{ name: "read:all" }, { name: "write:all", description: "Write" }],
  tokens: { lifetimeSeconds: 86_400, signingAlgorithm: "RS256", profile: "Auth0", permissions: "Omit" },
  settings: {
    subjectTypeAuthorization: { client: "RequireClientGrant", user: "AllowAll" },
    proofOfPossession: { mechanism: "None", required: false },
    allowOfflineAccess: false,
    allowOnlineAccess: false,
    skipUserConsent: false,
    webTokenLifetimeSeconds: 7200,
  },
  mark: undefined,
  isSystem: false,
  beyond: [],
  ...fields,
});

export const client = (fields: Partial<ListedClient> = {}): ListedClient => ({
  ref: ref("client1"),
  clientId: "client1",
  displayName: "Import Job",
  description: undefined,
  metadata: {},
  authenticationMethod: "client_secret_post",
  keyRefs: [],
  tokenQuota: undefined,
  defaultOrganization: undefined,
  isEnabled: true,
  mark: undefined,
  beyond: [],
  refusal: undefined,
  ...fields,
});

export const grant = (fields: Partial<ListedGrant> = {}): ListedGrant => ({
  ref: ref("grant1"),
  client: ref("client1"),
  api: undefined,
  audience: "https://timesheets.example.com/",
  scopes: ["read:all"],
  allScopes: false,
  organizations: { usage: "Deny", any: false, ids: undefined },
  lifetimeSeconds: undefined,
  beyond: [],
  refusal: undefined,
  ...fields,
});

export const provider = (spec: object = {}, metadata: object = {}): ProviderResource => ({
  ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "ClusterIdentityProvider" },
  metadata: { name: "default", uid: "1", resourceVersion: "1", ...metadata },
  spec: { auth0: { domain: "acme.eu.auth0.com" }, credentialsSecretRef: { name: "auth0" }, ...spec },
});

/** An export into the namespace `billing`. */
export function exported(inventory: Partial<Inventory>, fields: Partial<ExportInput> = {}) {
  const { vendor = "auth0" } = fields;
  const declaration = PROVIDERS[vendor];
  if (declaration === undefined) throw new Error(`${vendor} is not registered`);
  const { capabilities, apiSection: section } = declaration;
  const input: ExportInput = {
    inventory: { apis: [], clients: [], grants: [], loginClients: 0, unreadable: [], ...inventory },
    ...{ provider: provider(), vendor, capabilities, section, namespaceOf: () => "billing" },
    ...fields,
  };
  const { manifests, remarks } = exportOf(input, (name) => name === "billing");
  const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  return { manifests, of, remarks: remarks.map(({ kind, text }) => `${kind}: ${text}`) };
}
