import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { type OktaExchange, readOktaExchanges } from "./okta-recordings.ts";
import { seedOkta } from "./okta-seed.ts";
import { shapeOf } from "./shape.ts";

const exchanges = readOktaExchanges();

/** Answered differently, each with the reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "app-oauth-update-secret-returned": "the application is one for people, which has redirections",
  "app-get-inactive": "the application is one for people, which has redirections",
  "app-list-q-filter": "the application is one for people, recorded before universal logout",
  "app-500": "user types are not simulated; failures are injected by hand",
  "priorities-423": "group rules are not simulated",
  "org-wellknown": "settings of the org that concern people are not simulated",
};

describe.skipIf(exchanges.length === 0)("recorded exchanges of the real Okta API", () => {
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
      shape: shapeOf(withoutLinks(text === "" ? null : (JSON.parse(text) as unknown))),
      relations: relationsIn(answer.headers.get("link") ?? ""),
    };
  };

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))("%s", async (name, exchange) => {
    const { status, headers, body } = exchange.response;
    const theirs = {
      status,
      shape: shapeOf(withoutLinks(body ?? null)),
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

/** Links differ by feature and year of the recording; the rest is compared whole. */
function withoutLinks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLinks);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "_links" && key !== "profile")
      .map(([key, member]) => [key, withoutLinks(member)]),
  );
}
