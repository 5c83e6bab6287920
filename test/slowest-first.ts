import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes, the slowest first: begun last, one of them would run alone at the end. */
const SLOW = [
  "e2e/memory.test.ts",
  "e2e/rotation/killed-okta-method.test.ts",
  "e2e/cli/export.test.ts",
  "e2e/rotation/killed-okta-secret.test.ts",
  "e2e/demo.test.ts",
  "e2e/rotation/killed-auth0-key.test.ts",
  "integration/keycloak/contract.test.ts",
  "integration/keycloak/realm.test.ts",
  "e2e/lost-tenant.test.ts",
  "e2e/keycloak/killed.test.ts",
  "e2e/keycloak/service-accounts.test.ts",
  "e2e/rotation/killed-auth0-secret.test.ts",
  "e2e/rotation/rotation-auth0.test.ts",
  "e2e/rotation/load.test.ts",
  "e2e/rotation/rotation-okta.test.ts",
  "e2e/deploy-cli.test.ts",
  "e2e/refusals.test.ts",
  "e2e/faults.test.ts",
  "e2e/okta/crash.test.ts",
  "e2e/remedies.test.ts",
  "e2e/consent.test.ts",
  "e2e/auth0/later-changes.test.ts",
  "e2e/okta/grants.test.ts",
  "e2e/crash.test.ts",
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
