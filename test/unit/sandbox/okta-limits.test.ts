import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OktaError } from "../../../sandbox/okta/errors.ts";
import { createRateLimits } from "../../../sandbox/okta/rate-limits.ts";
import { type OpenOrg, openOrg } from "./okta-org.ts";

const attempt = (work: () => object): number => {
  try {
    work();
    return 200;
  } catch (refused) {
    return refused instanceof OktaError ? refused.status : 0;
  }
};

describe("limits of a plan", () => {
  it("one API token has half of what the org has", () => {
    const limits = createRateLimits("integrator", "window");
    const call = (token: string) => attempt(() => limits.count("apps", token, 0));
    const answers = (token: string) => Array.from({ length: 11 }, () => call(token)).filter((s) => s === 200).length;
    expect([answers("one"), answers("two"), answers("three")]).toEqual([10, 10, 0]);
  });

  it("the share can be another, and token endpoints have none", () => {
    const limits = createRateLimits("integrator", "window", 100);
    const good = Array.from({ length: 30 }, () => attempt(() => limits.count("apps", "one", 0)));
    expect(good.filter((status) => status === 200)).toHaveLength(20);
    const tokens = Array.from({ length: 301 }, () => attempt(() => limits.count("token", undefined, 0)));
    expect(tokens.filter((status) => status === 200)).toHaveLength(300);
  });

  it("a window starts with the first request and lasts a minute", () => {
    const limits = createRateLimits("integrator", "window");
    const at = (ms: number) => attempt(() => limits.count("apps", "one", ms));
    for (let index = 0; index < 10; index += 1) at(5000);
    expect([at(64_999), at(65_000)]).toEqual([429, 200]);
  });

  it("continuous refill gives one request back after its share of the minute", () => {
    const limits = createRateLimits("integrator", "continuous");
    const at = (ms: number) => attempt(() => limits.count("apps", "one", ms));
    for (let index = 0; index < 10; index += 1) at(0);
    expect([at(5999), at(6000), at(6001)]).toEqual([429, 200, 429]);
  });
});

describe("over HTTP", () => {
  let org: OpenOrg;
  beforeAll(async () => {
    org = await openOrg({ plan: "integrator", publicUrl: "https://acme.okta.test" });
  });
  afterAll(() => org.close());

  it("every answer says what is left, and the refusal when to come again", async () => {
    const answers = [];
    for (let index = 0; index < 11; index += 1) answers.push(await org.call("GET", "/api/v1/apps"));
    expect(answers[0]?.headers.get("x-rate-limit-limit")).toBe("10");
    expect(answers[0]?.headers.get("x-rate-limit-remaining")).toBe("9");
    const refused = answers[10];
    expect([refused?.status, refused?.body.errorCode]).toEqual([429, "E0000047"]);
    const date = Date.parse(refused?.headers.get("date") ?? "") / 1000;
    const reset = Number(refused?.headers.get("x-rate-limit-reset"));
    expect(reset - date).toBeGreaterThan(0);
    expect(reset - date).toBeLessThanOrEqual(61);
    // Another bucket.
    expect((await org.call("GET", "/api/v1/apps/unknown")).status).toBe(404);
    expect((await org.call("GET", "/api/v1/authorizationServers")).headers.get("x-rate-limit-limit")).toBe("50");
  });

  it("too many at the same time are refused with nothing but noughts", async () => {
    await org.call("PUT", "/_sandbox/knobs/okta", { maxConcurrent: 2, latencyMs: 400 });
    const answers = await Promise.all([1, 2, 3].map(() => org.call("GET", "/api/v1/authorizationServers")));
    await org.call("PUT", "/_sandbox/knobs/okta", { maxConcurrent: null, latencyMs: 0 });
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("x-rate-limit-limit")).toBe("0");
  });

  it("links and issuers have the configured URL, whatever host was asked", async () => {
    const { body } = await org.call("GET", "/api/v1/authorizationServers/default");
    expect(body.issuer).toBe("https://acme.okta.test/oauth2/default");
    expect(body._links.self.href).toBe("https://acme.okta.test/api/v1/authorizationServers/default");
  });

  it("a client that takes the org for its proxy sends whole URLs, and is answered", async () => {
    const { port } = new URL(org.sandbox.auth0.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = {
        ...{ host: "localhost", port, ca: org.sandbox.caPem },
        path: "http://127.0.0.1/api/v1/authorizationServers/default",
        headers: { host: "127.0.0.1", authorization: `SSWS ${org.sandbox.okta.apiToken}` },
      };
      httpsRequest(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
