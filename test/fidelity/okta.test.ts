import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type OktaExchange, readOktaExchanges } from "./okta-recordings.ts";
import { seedOkta } from "./okta-seed.ts";
import { shapeOf } from "./shape.ts";

const exchanges = readOktaExchanges();

/** Answered differently, each with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "app-oauth-update-secret-returned": "recorded before apps were shown with participate_slo",
  "app-list-q-filter": "the recording's org has no universal logout, and shows null",
  "app-500": "user types are not simulated; failures are injected by hand",
  "priorities-423": "group rules are not simulated",
};

describe.skipIf(exchanges.length === 0)("recorded exchanges of the real Okta API (skipped: no folder has them)", () => {
  let sandbox: Sandbox;
  let dispatcher: Agent;
  beforeAll(async () => {
    sandbox = await startSandbox();
    dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  });
  afterAll(async () => {
    await dispatcher.close();
    await sandbox.close();
  });

  const replay = async (exchange: OktaExchange) => {
    const { method, url, body } = exchange.request;
    seedOkta(sandbox.org, exchange);
    const { pathname, search } = new URL(url);
    const hasBody = body !== null && body !== undefined;
    const answer = await fetch(sandbox.okta.url + pathname + search, {
      method,
      dispatcher,
      headers: {
        authorization: `SSWS ${sandbox.okta.apiToken}`,
        ...(hasBody ? { "content-type": "application/json" } : {}),
      },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      shape: shapeOf(comparable(text === "" ? null : (JSON.parse(text) as unknown))),
      relations: relationsIn(answer.headers.get("link") ?? ""),
    };
  };

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))("%s", async (name, exchange) => {
    const { status, headers, body } = exchange.response;
    const theirs = {
      status,
      shape: shapeOf(comparable(body ?? null)),
      relations: relationsIn((headers["Link"] ?? []).join(", ")),
    };
    const ours = await replay(exchange);
    // A listed exception that no longer is one must leave the list.
    if (EXCEPTIONS[name] !== undefined) expect(ours).not.toEqual(theirs);
    else expect(ours).toEqual(theirs);
  });

  it("every exception is of an exchange that there is", () => {
    const names = new Set(exchanges.map(({ name }) => name));
    expect(Object.keys(EXCEPTIONS).filter((name) => !names.has(name))).toEqual([]);
  });
});

const relationsIn = (link: string): readonly string[] => [...link.matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel ?? "");

/** Shown since 2026 alone, whatever else is the same. */
const NEW_RELATION = "resourceServerCredentialsKeys";

/** Of links the relations count, with what may be done there: addresses are an org's own. Profiles are the user's. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "profile")
      .map(([key, member]) => [key, key === "_links" ? relations(member as Links) : comparable(member)]),
  );
}

interface Link {
  readonly name?: string;
  readonly hints?: { readonly allow: readonly string[] };
}
type Links = Readonly<Record<string, Link | readonly Link[]>>;

/** As names, which is what shapes are compared by. */
function relations(links: Links): object {
  const named = Object.entries(links).filter(([relation]) => relation !== NEW_RELATION);
  const all = named.flatMap(([relation, to]) =>
    [to].flat().map(({ name = "", hints }) => [relation, name, ...[...(hints?.allow ?? [])].sort()].join(" ")),
  );
  return Object.fromEntries(all.map((text) => [text, true]));
}
