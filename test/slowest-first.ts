import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take long come first, since one that begins last would run alone at the end. Those that compute take turns
 * with those that wait, so that no core is idle.
 */
const SLOW = [
  "e2e/memory.test.ts",
  "e2e/rotation/rotation-auth0.test.ts",
  "e2e/rotation/killed-okta-method.test.ts",
  "e2e/rotation/rotation-okta.test.ts",
  "e2e/cli/export.test.ts",
  "e2e/rotation/load.test.ts",
  "integration/keycloak/contract.test.ts",
  "e2e/lost-tenant.test.ts",
  "e2e/demo.test.ts",
  "e2e/refusals.test.ts",
  "e2e/rotation/killed-auth0-key.test.ts",
  "e2e/auth0/change-events.test.ts",
  "integration/keycloak/answers.test.ts",
  "e2e/cli/annotations.test.ts",
  "e2e/rotation/killed-okta-secret.test.ts",
  "e2e/auth0/later-changes.test.ts",
  "integration/keycloak/realm.test.ts",
  "e2e/auth0/keys.test.ts",
  "e2e/deploy-cli.test.ts",
  "e2e/mistakes.test.ts",
  "e2e/rotation/killed-auth0-secret.test.ts",
  "e2e/examples/okta-key-manager.test.ts",
  "e2e/keycloak/service-accounts.test.ts",
  "e2e/examples/timesheets.test.ts",
  "e2e/keycloak/killed.test.ts",
  "e2e/examples/developer-portal.test.ts",
  "e2e/faults.test.ts",
  "e2e/okta/gone.test.ts",
  "e2e/keycloak/own-token.test.ts",
  "e2e/auth0/slow-tenant.test.ts",
  "e2e/keycloak/lifecycle.test.ts",
  "e2e/tenant.test.ts",
  "e2e/okta/crash.test.ts",
  "e2e/consent.test.ts",
  "e2e/examples/okta-provider.test.ts",
  "e2e/okta/operator-credential.test.ts",
  "e2e/remedies.test.ts",
  "e2e/crash.test.ts",
  "e2e/shards.test.ts",
  "e2e/credentials-secret.test.ts",
  "e2e/examples/rotation.test.ts",
  "e2e/okta/grants.test.ts",
];

/** Orders the files of a run for several workers. */
export default class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = SLOW.findIndex((path) => moduleId.endsWith(path));
      return place < 0 ? SLOW.length : place;
    };
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}
