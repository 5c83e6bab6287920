import { expect, it } from "vitest";
import type { Ref } from "../../../src/ports/provider.ts";
import type { Auth0Context } from "../../../src/providers/auth0/context.ts";
import { createOrganizations } from "../../../src/providers/auth0/organizations.ts";
import { createSession } from "../../../src/providers/auth0/session.ts";
import { createSecrets } from "../../../src/providers/okta/client-secrets.ts";
import type { OktaContext } from "../../../src/providers/okta/context.ts";
import { createPartsView } from "../../../src/providers/okta/server-parts.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const refs = (count: number): readonly Ref[] =>
  Array.from({ length: count }, (_, index) => `ref${String(index)}` as Ref);
const oktaContext = {
  ...{ clock: createFakeClock(), outcomeMs: 1000, sdk: {}, fingerprint: (value: string) => value },
} as unknown as OktaContext;

it("Okta: secrets are remembered of apps that exist, and of no others", () => {
  const secrets = createSecrets(oktaContext);
  for (const ref of refs(100)) secrets.note(ref, "not-a-real-secret");
  expect(secrets.size()).toBe(100);
  secrets.keep((ref) => ref === "ref7");
  expect(secrets.size()).toBe(1);
  expect(secrets.known("ref7" as Ref)).toHaveLength(1);
});

it("Okta: parts are remembered of servers that exist, and of no others, whatever was done with them", () => {
  const parts = createPartsView(oktaContext, () => undefined);
  for (const [index, ref] of refs(100).entries()) {
    parts.start(ref);
    if (index % 3 === 0) parts.drop(ref);
    if (index % 3 === 1) parts.forgetUntilSettled(ref);
  }
  expect(parts.size()).toBe(100);
  parts.keep((ref) => ref === "ref2");
  expect(parts.size()).toBe(1);
  expect(parts.known("ref2" as Ref)).toBeDefined();
});

it("Auth0: organizations are remembered for as long as they are believed", async () => {
  const clock = createFakeClock();
  const fetch = (url: string | URL | Request): Promise<Response> => {
    const name = new URL(new Request(url).url).pathname.split("/").at(-1) ?? "";
    return Promise.resolve(Response.json({ id: `org_${name}`, name }));
  };
  const credential = { forget: () => undefined, generation: () => 0, drop: () => false };
  const token = () => Promise.resolve("token");
  const context = {
    clock,
    session: createSession({ ...credential, token, scopes: () => Promise.resolve(new Set<string>()) }, "operator"),
    options: { baseUrl: "https://acme.test/api/v2", token, fetch, maxRetries: 0, timeoutInSeconds: 5 },
  } satisfies Partial<Auth0Context> as unknown as Auth0Context;
  const organizations = createOrganizations(context);
  for (let index = 0; index < 100; index++) {
    await organizations.find(`acme-${String(index)}`);
    await clock.advance(60_000);
  }
  expect(organizations.size()).toBeLessThanOrEqual(10);
});
