import { once } from "node:events";
import { connect } from "node:net";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";

let sandbox: Sandbox;
let dispatcher: Agent;
beforeAll(async () => {
  sandbox = await startSandbox();
  dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
});
afterAll(async () => {
  await dispatcher.destroy();
  await sandbox.close();
});

const SCOPES = "/api/v1/authorizationServers/default/scopes";

/** As an administrator's script does; the status and the names of the scopes. */
async function scopes(body?: object): Promise<{ readonly status: number; readonly names: readonly string[] }> {
  const { okta } = sandbox;
  const answer = await fetch(`${okta.url}${pathOfScopes()}`, {
    dispatcher,
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `SSWS ${okta.apiToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const found = await answer.json();
  return {
    status: answer.status,
    names: Array.isArray(found) ? (found as readonly { readonly name: string }[]).map(({ name }) => name) : [],
  };
}

const pathOfScopes = (): string => {
  const [server] = sandbox.org.state.servers.values();
  return SCOPES.replace("default", server?.id ?? "");
};

it("a cut answer was carried out, and its body ends in the middle", async () => {
  sandbox.faults.add({ tenant: "okta", method: "POST", path: "/scopes$", effect: { cut: true } });
  await expect(scopes({ name: "cut" })).rejects.toThrow();
  expect((await scopes()).names).toContain("cut");
});

it("a stale read shows what there was before the last write, and the next read the present", async () => {
  sandbox.faults.add({ tenant: "okta", method: "GET", path: "/scopes$", effect: { stale: true } });
  await scopes({ name: "late" });
  expect((await scopes()).names).not.toContain("late");
  expect((await scopes()).names).toContain("late");
});

it("the nth call meets its fault, and the calls before it do not", async () => {
  sandbox.faults.add({ tenant: "okta", path: "/scopes$", skip: 1, effect: { status: 503, body: {} } });
  expect([(await scopes()).status, (await scopes()).status, (await scopes()).status]).toEqual([200, 503, 200]);
});

it("a limit that is used up says in the vendor's headers when it is filled again", async () => {
  sandbox.faults.add({ tenant: "okta", path: "/scopes$", effect: { limitedForMs: 2000 } });
  expect((await scopes()).status).toBe(429);
});

it("while connections are refused nobody listens, and then the same address does", async () => {
  // Somebody who has connected and says nothing yet is cut off like all others.
  const silent = connect(Number(new URL(sandbox.okta.url).port), "127.0.0.1");
  const ended = once(silent, "close");
  await once(silent, "connect");
  sandbox.faults.add({ tenant: "okta", path: "/scopes$", effect: { refuseMs: 100 } });
  await expect(scopes()).rejects.toThrow();
  await expect(scopes()).rejects.toThrow();
  await ended;
  await expect.poll(async () => (await scopes().catch(() => ({ status: 0 }))).status).toBe(200);
});
