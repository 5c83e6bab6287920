import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "../../src/ports/provider-error.ts";
import type { Operation } from "../../src/providers/answers.ts";
import { AUTH0 } from "../../src/providers/auth0/answers.ts";
import { OKTA } from "../../src/providers/okta/answers.ts";
import { BAD_ANSWERS } from "./bad-answers.ts";
import { type Outcome, replacing, snapshotOf, type Tenant, tenantOf } from "./replaced.ts";
import { AUTH0_WAYS, OKTA_WAYS } from "./ways.ts";

/** Not sent by anything of the port by itself. */
const UNSENT = new Set(["GET /api/v2/client-grants/{grant}"]);

const routeOf = ({ method, segments }: Operation): string => `${method} ${segments.join("/")}`;
const VENDORS = [
  ["auth0", AUTH0.operations, AUTH0_WAYS],
  ["okta", OKTA.operations, OKTA_WAYS],
] as const;

/** Code of the error, and what was written after that. */
function textOf({ is, error, written }: Outcome): string {
  if (is !== "replaced") return is;
  const code = error instanceof ProviderError ? error.code : `no ProviderError (${String(error)})`;
  return [code, ...written].join(", then ");
}

describe.each(VENDORS)("an answer of %s", (vendor, operations, ways) => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await tenantOf(vendor);
  }, 60_000);
  afterAll(() => tenant.present.sandbox.close());

  it("is tried for every operation that the adapter sends", () => {
    const routes = operations.map(routeOf).filter((route) => !UNSENT.has(route));
    expect(Object.keys(ways).sort()).toEqual([...routes].sort());
  });

  it.each(Object.entries(ways))("to %s is believed only when it is one", async (route, [way, before]) => {
    const { connect, restore, present } = tenant;
    restore();
    await before?.(await connect(), present);
    const again = snapshotOf(present.sandbox);
    const failures: string[] = [];
    for (const { what, from } of BAD_ANSWERS) {
      again();
      const seen = textOf(await replacing(connect, route, (provider) => way(provider, present), from));
      const wanted = route.startsWith("GET ") ? "unavailable" : "ambiguous";
      if (seen !== "skipped" && seen !== wanted) failures.push(`${what}: ${seen}`);
    }
    expect(failures).toEqual([]);
  });
});
