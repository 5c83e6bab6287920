import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import type { KeycloakAddress } from "../../../keycloak/start.ts";
import { keycloak } from "../../integration/keycloak/server.ts";
import { createWorld, type World } from "../world.ts";

/** A world whose tenant is a realm of the real server. */
export interface RealmWorld extends World {
  readonly realm: Realm;
}

/** The server shares two cores with everything else. */
const PATIENCE_MS = 120_000;

/** `proxy`: where the operator reaches the server. Default: the server itself. */
export async function createRealmWorld({
  proxy,
  ...options
}: { readonly driftInterval?: string; readonly proxy?: KeycloakAddress } = {}): Promise<RealmWorld> {
  const { url, caPem } = proxy ?? keycloak();
  const attributes = proxy === undefined ? {} : { attributes: { frontendUrl: url } };
  const realm = await createRealm(keycloak(), { adminEventsEnabled: true, ...attributes });
  const world = await createWorld({
    ...options,
    patienceMs: PATIENCE_MS,
    flags: ["--provider-timeout-ms", "30000"],
    tenant: {
      host: new URL(url).host,
      credentials: { client_id: realm.clientId, client_secret: realm.clientSecret },
      spec: { keycloak: { url, realm: realm.name }, caBundle: caPem },
    },
  });
  return {
    ...world,
    realm,
    end: async () => {
      await world.end();
      await realm.remove();
    },
  };
}
