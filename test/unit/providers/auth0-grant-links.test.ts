import { expect, it } from "vitest";
import type { Ref } from "../../../src/ports/provider.ts";
import type { Auth0Context } from "../../../src/providers/auth0/context.ts";
import { createGrantLinks } from "../../../src/providers/auth0/grant-links.ts";
import { createSession } from "../../../src/providers/auth0/session.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

/** The real SDK and session; only what is at the other end of the wire is ours. */
function links(answer: (path: string) => Response) {
  const fetch = (url: string | URL | Request): Promise<Response> =>
    Promise.resolve(answer(new URL(new Request(url).url).pathname));
  const session = createSession(
    {
      ...{ token: () => Promise.resolve("token"), scopes: () => Promise.resolve(new Set<string>()) },
      ...{ forget: () => undefined, generation: () => 0, drop: () => false },
    },
    "operator",
  );
  const warnings: string[] = [];
  const context = {
    session,
    options: {
      ...{ baseUrl: "https://acme.test/api/v2", token: () => Promise.resolve("token"), fetch },
      ...{ maxRetries: 0, timeoutInSeconds: 5 },
    },
    clock: createFakeClock(),
    warn: (message) => warnings.push(message),
  } satisfies Partial<Auth0Context> as unknown as Auth0Context;
  return { links: createGrantLinks(context), warnings };
}

const grantsNamed = (count: number): readonly Ref[] =>
  Array.from({ length: count }, (_, index) => `cgr_${String(index)}` as Ref);

it("links of grants that are gone are not kept", async () => {
  const { links: held } = links(() => Response.json({ organizations: [] }));
  const grants = grantsNamed(100);
  for (const grant of grants) await held.read(grant);
  expect(held.size()).toBe(100);
  held.keep((grant) => grants.indexOf(grant) < 10);
  expect(held.size()).toBe(10);
});

it("refusals of grants that are gone are not kept, nor told", async () => {
  const { links: held, warnings } = links(() => Response.json({ statusCode: 403, message: "no" }, { status: 403 }));
  for (const grant of grantsNamed(100)) await expect(held.read(grant)).rejects.toMatchObject({ code: "forbidden" });
  expect(held.size()).toBe(100);
  expect(held.refusal()).toBeDefined();
  expect(warnings).toHaveLength(1);
  held.keep(() => false);
  expect(held.size()).toBe(0);
  expect(held.refusal()).toBeUndefined();
});

it("a grant that was deleted since it was listed fails no listing", async () => {
  let isGone = false;
  const { links: held } = links((path) =>
    isGone && path.includes("cgr_1")
      ? Response.json({ statusCode: 404, message: "gone" }, { status: 404 })
      : Response.json({ organizations: [] }),
  );
  const grants = grantsNamed(3);
  for (const grant of grants) await held.read(grant);
  isGone = true;
  await held.renew(grants);
  expect(grants.map((grant) => held.known(grant) !== undefined)).toEqual([true, false, true]);
});

it("a 404 to the removal of a link is believed once the list shows that the link is gone", async () => {
  let linked = [{ id: "org_1", name: "one" }];
  const { links: held } = links((path) =>
    path.endsWith("/organizations")
      ? Response.json({ organizations: linked })
      : Response.json({ statusCode: 404, message: "gone" }, { status: 404 }),
  );
  const [grant] = grantsNamed(1) as [Ref];
  await expect(held.replace(grant, [])).rejects.toMatchObject({ code: "unavailable" });
  await held.read(grant);
  linked = [];
  expect(await held.replace(grant, [])).toEqual([]);
});
