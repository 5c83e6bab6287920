import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { type Fetch, TransportError } from "../../../src/ports/http-transport.ts";
import type { Mark } from "../../../src/ports/mark.ts";
import type { Ref } from "../../../src/ports/provider.ts";
import { connected, transportTo } from "../../contract/connected.ts";

type Vendor = "auth0" | "okta";
type Answer = (url: URL, init: RequestInit, next: () => Promise<Response>) => Promise<Response>;

const UID = "11111111-1111-1111-1111-111111111111";
const MARK: Mark = {
  instance: "test",
  object: "0123456789abcdef",
  uid: UID,
  origin: "made",
  nonce: "00112233445566ff",
};
const JOB = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
const LISTS = { auth0: "/api/v2/clients", okta: "/api/v1/apps" };

const sandboxes: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.close()));
});

/** A tenant with two clients, and an adapter whose answers `answer` decides on. */
async function tenant(vendor: Vendor, answer: Answer) {
  const sandbox = await startSandbox();
  sandboxes.push(sandbox);
  const { auth0, okta } = sandbox;
  const transport = await transportTo(vendor, sandbox);
  const connect = (fetch: Fetch) =>
    vendor === "auth0"
      ? connected(
          vendor,
          sandbox,
          { domain: auth0.domain },
          { client_id: auth0.clientId, client_secret: auth0.clientSecret },
          { fetch },
        )
      : connected(vendor, sandbox, { orgUrl: okta.url }, { api_token: okta.apiToken }, { fetch });
  const first = await connect(transport);
  const made = [await first.clients.create(JOB, MARK), await first.clients.create(JOB, MARK)];
  const sent: string[] = [];
  const provider = await connect((input, init = {}) => {
    const url = new URL(new Request(input).url);
    if (url.pathname.startsWith("/api/")) sent.push(url.pathname + url.search);
    return answer(url, init, () => transport(input, init));
  });
  return { provider, sent, refs: made.map(({ client }) => client.ref).sort(), sandbox };
}

const asItIs: Answer = (_url, _init, next) => next();

describe.each<Vendor>(["auth0", "okta"])("%s", (vendor) => {
  it.each([".", "..", "", "a/b"])("is sent no request for the id %j", async (id) => {
    const { provider, sent } = await tenant(vendor, asItIs);
    await provider.clients.findByOwner("test", UID);
    sent.splice(0);
    const ref = id as Ref;
    await expect(provider.clients.get(ref)).rejects.toMatchObject({ name: "ProviderError", code: "invalid" });
    await expect(provider.apis.get(ref)).rejects.toMatchObject({ name: "ProviderError", code: "invalid" });
    await expect(provider.clients.remove(ref)).rejects.toMatchObject({ name: "ProviderError", code: "invalid" });
    expect(sent.filter((path) => !path.includes("?"))).toEqual([]);
  });

  it("does not take a 404 of somebody else for an absence, and its own for one", async () => {
    let is404Own = false;
    const { provider } = await tenant(vendor, (url, _init, next) => {
      const isOne = /^\/api\/v\d\/(clients|apps)\/[^/]+$/.test(url.pathname);
      return isOne && !is404Own ? Promise.resolve(Response.json({ error: "no route" }, { status: 404 })) : next();
    });
    const gone = "gone0123456789abcdef" as Ref;
    await expect(provider.clients.get(gone)).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
    is404Own = true;
    expect(await provider.clients.get(gone)).toBeUndefined();
  });

  it("is asked for smaller pages where one is too large, and all of them are read", async () => {
    const { provider, refs, sent } = await tenant(vendor, (url, _init, next) => {
      const size = Number(url.searchParams.get("per_page") ?? url.searchParams.get("limit") ?? 1);
      const isTooLarge = url.pathname === LISTS[vendor] && size > 1;
      return isTooLarge ? Promise.reject(new TransportError("too_large", "too large", { sent: true })) : next();
    });
    const found = await provider.clients.findByOwner("test", UID);
    expect(found.map(({ ref }) => ref).sort()).toEqual(refs);
    expect(sent.filter((path) => path.startsWith(`${LISTS[vendor]}?`)).length).toBeGreaterThan(4);
  });
});

/** Lets the link to the next page lead to this address. */
const leadingTo =
  (path: string, target: (url: URL) => string): Answer =>
  async (url, _init, next) => {
    const response = await next();
    if (url.pathname !== path) return response;
    const headers = { "content-type": "application/json", link: `<${target(url)}>; rel="next"` };
    return new Response(await response.text(), { headers });
  };

it.each<[what: string, target: (url: URL) => string]>([
  ["the same page", (url) => url.href],
  ["another resource", (url) => `${url.origin}/api/v1/authorizationServers?limit=200`],
])("okta: a listing whose next page is %s is no listing", async (_what, target) => {
  const { provider } = await tenant("okta", leadingTo("/api/v1/apps", target));
  await expect(provider.clients.findByOwner("test", UID)).rejects.toMatchObject({
    ...{ name: "ProviderError", code: "unavailable" },
  });
});

it("auth0: a listing whose cursor does not move is no listing", async () => {
  const { provider } = await tenant("auth0", async (url, _init, next) => {
    const response = await next();
    if (url.pathname !== "/api/v2/client-grants") return response;
    return Response.json({ ...((await response.json()) as object), next: "again" });
  });
  await expect(provider.grants.ofApi({ ref: undefined, audience: "https://a/" })).rejects.toMatchObject({
    ...{ name: "ProviderError", code: "unavailable" },
  });
});
