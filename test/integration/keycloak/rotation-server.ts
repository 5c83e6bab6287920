import { afterAll, beforeAll, describe, it } from "vitest";
import type { Realm } from "../../../keycloak/realm.ts";
import { type Keycloak, type KeycloakAddress, startKeycloak } from "../../../keycloak/start.ts";

/** The first run builds a distribution of its own, and each starts a second server. */
const IS_WANTED = process.env["M2M_TEST_SECRET_OVERLAP"] === "true";
const PATIENCE_MS = 900_000;

/** Tests on a server with the preview feature that lets a client have two secrets. */
export function describeSecretRotation(tests: (address: () => KeycloakAddress) => void): void {
  if (!IS_WANTED) {
    it.skip("a Keycloak with client-secret-rotation: set M2M_TEST_SECRET_OVERLAP=true");
    return;
  }
  describe("a Keycloak with client-secret-rotation", { timeout: PATIENCE_MS }, () => {
    let server: Keycloak;
    beforeAll(async () => {
      server = await startKeycloak({ log: console.log, features: ["client-secret-rotation"] });
    }, PATIENCE_MS);
    afterAll(() => server.stop(), PATIENCE_MS);
    tests(() => server);
  });
}

/** The realm's owner lets every client have a second secret. */
export async function allowTwoSecrets(realm: Realm): Promise<void> {
  const [day, name] = [86_400, "two-secrets"];
  const configuration = {
    "expiration-period": 3650 * day,
    "rotated-expiration-period": 14 * day,
    "remaining-rotation-period": 10 * day,
  };
  await realm.admin("PUT", "/client-policies/profiles", {
    profiles: [{ name, executors: [{ executor: "secret-rotation", configuration }] }],
  });
  const conditions = [{ condition: "client-access-type", configuration: { type: ["confidential"] } }];
  await realm.admin("PUT", "/client-policies/policies", {
    policies: [{ name, enabled: true, conditions, profiles: [name] }],
  });
}
