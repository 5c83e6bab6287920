import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Issuers } from "../control-plane/issuers.ts";
import { whyNoKeycloak } from "../keycloak/distribution.ts";
import { type KeycloakProxy, startKeycloakProxy } from "../keycloak/proxy.ts";
import { createRealm, type Realm } from "../keycloak/realm.ts";
import { startKeycloak } from "../keycloak/start.ts";
import type { Connection } from "../src/kube/connection.ts";
import { apply, CLUSTER, secretDocument, SYSTEM_NAMESPACE } from "./environment.ts";

/** A real Keycloak with the realm that its examples name, behind a proxy that shows its calls. */
export interface DemoKeycloak {
  readonly realm: Realm;
  readonly proxy: KeycloakProxy;
  /** The authority of its certificate, in PEM. */
  readonly caFile: string;
  stop(): Promise<void>;
}

/** As in the example of the provider. */
const REALM = "machines";
const CREDENTIALS = "keycloak-operator";

/**
 * `undefined` where it cannot run, which is said. `isNeeded`: throws there instead. The first start on a machine fetches
 * Keycloak, which takes minutes. The realm takes tokens of service accounts of the cluster, which `issuers` publishes.
 */
export async function startDemoKeycloak(
  dir: string,
  isNeeded: boolean,
  say: (line: string) => void,
  issuers: Issuers,
): Promise<DemoKeycloak | undefined> {
  const why = whyNoKeycloak();
  try {
    if (why !== undefined) throw new Error(why);
    return await startBehindProxy(dir, say, issuers);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it did not start.";
    if (isNeeded) throw new Error(`Keycloak cannot run here: ${reason}`, { cause: error });
    say(`Without Keycloak: ${reason}`);
    return undefined;
  }
}

async function startBehindProxy(dir: string, say: (line: string) => void, issuers: Issuers): Promise<DemoKeycloak> {
  const server = await startKeycloak({ log: say, trusted: [issuers.caPem] });
  const proxy = await startKeycloakProxy(server);
  const config = { issuer: issuers.issuerOf(CLUSTER) };
  const realm = await createRealm(server, {
    ...{ realm: REALM, attributes: { frontendUrl: proxy.url } },
    identityProviders: [{ alias: CLUSTER, providerId: "kubernetes", enabled: true, hideOnLogin: true, config }],
  });
  const folder = join(dir, "keycloak");
  mkdirSync(folder, { recursive: true });
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, proxy.caPem);
  return {
    ...{ realm, proxy, caFile },
    stop: async () => {
      await proxy.close();
      await server.stop();
    },
  };
}

/** What an administrator does once. */
export async function prepareKeycloak(connection: Connection, { realm }: DemoKeycloak): Promise<void> {
  const credentials = { client_id: realm.clientId, client_secret: realm.clientSecret };
  await apply(connection, secretDocument(SYSTEM_NAMESPACE, CREDENTIALS, credentials));
}
