import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { granted, type OpenOrg, openOrg, policyFor, ruleFor, serviceApp } from "./okta-org.ts";

const APPS = "/api/v1/apps";
const SERVERS = "/api/v1/authorizationServers";

let org: OpenOrg;
beforeAll(async () => {
  org = await openOrg();
});
afterAll(() => org.close());
beforeEach(() => {
  org.sandbox.org.reset();
  org.sandbox.faults.clear();
});

const knobs = (given: object) => org.call("PUT", "/_sandbox/knobs/okta", given);
const newServer = async (name = "api"): Promise<string> => {
  const { body } = await org.call("POST", SERVERS, { name, audiences: ["x"] });
  return `${SERVERS}/${body.id}`;
};
const rulePath = async (): Promise<string> => {
  const { server, policy, rule } = await granted(org);
  return `${SERVERS}/${server}/policies/${policy}/rules/${rule}`;
};

describe("an authorization server", () => {
  it("starts with the system's scopes and claims and no policy", async () => {
    const path = await newServer();
    const { list: scopes } = await org.call("GET", `${path}/scopes`);
    const { list: claims } = await org.call("GET", `${path}/claims`);
    expect([scopes.length, claims.length]).toEqual([7, 19]);
    expect((await org.call("GET", `${path}/policies`)).list).toEqual([]);
    const removed = await org.call("DELETE", `${path}/scopes/${scopes[0]?.id ?? ""}`);
    expect(removed.status).toBe(403);
  });

  it("takes manual rotation from an update only", async () => {
    const signing = { credentials: { signing: { rotationMode: "MANUAL" } } };
    const { body } = await org.call("POST", SERVERS, { name: "a", audiences: ["x"], ...signing });
    expect(body.credentials.signing.rotationMode).toBe("AUTO");
    const { body: changed } = await org.call("PUT", `${SERVERS}/${body.id}`, { ...body, ...signing });
    expect(changed.credentials.signing).toMatchObject({ rotationMode: "MANUAL" });
    expect(changed.credentials.signing.nextRotation).toBeUndefined();
  });

  it("must be inactive to be deleted, unless the org is lenient", async () => {
    const [first, second] = [await newServer(), await newServer()];
    expect((await org.call("DELETE", first)).status).toBe(400);
    expect((await org.call("POST", `${first}/lifecycle/deactivate`)).status).toBe(204);
    expect((await org.call("DELETE", first)).status).toBe(204);
    await knobs({ strictAsDelete: false });
    expect((await org.call("DELETE", second)).status).toBe(204);
    expect((await org.call("GET", second)).body.errorSummary).toMatch(/\(AuthorizationServer\)$/);
  });

  it("of the name default cannot be deleted", async () => {
    await org.call("POST", `${SERVERS}/default/lifecycle/deactivate`);
    expect((await org.call("DELETE", `${SERVERS}/default`)).status).toBe(403);
  });

  it("lists page by page, at most two hundred on one", async () => {
    for (const name of ["a", "b", "c"]) await newServer(name);
    const { body, headers } = await org.call("GET", `${SERVERS}?limit=2`);
    expect(body).toHaveLength(2);
    const next = /<([^>]+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1] ?? "";
    expect(next.startsWith(org.sandbox.okta.url)).toBe(true);
    const rest = await org.call("GET", next);
    expect([rest.list.length, rest.headers.get("link")?.includes('rel="next"')]).toEqual([2, false]);
    expect((await org.call("GET", `${SERVERS}?limit=201`)).status).toBe(400);
    await knobs({ overLimit: "capped" });
    expect((await org.call("GET", `${SERVERS}?limit=201`)).status).toBe(200);
  });
});

describe("a scope", () => {
  it.each(["okta.users", "okta:x", "*", "okta", "a b", "<a>"])("cannot have the name %s", async (name) => {
    expect((await org.call("POST", `${await newServer()}/scopes`, { name })).body.errorCode).toBe("E0000001");
  });

  it("has a name that no other of its server has", async () => {
    const path = `${await newServer()}/scopes`;
    expect((await org.call("POST", path, { name: "read" })).status).toBe(201);
    expect((await org.call("POST", path, { name: "read" })).body.errorSummary).toBe("Api validation failed: name");
  });

  it("that a rule lists can be deleted, unless the org is strict", async () => {
    await knobs({ strictScopeDelete: true });
    const { server } = await granted(org, ["read"]);
    const { list } = await org.call("GET", `${SERVERS}/${server}/scopes?q=read`);
    const path = `${SERVERS}/${server}/scopes/${list[0]?.id ?? ""}`;
    expect((await org.call("DELETE", path)).status).toBe(400);
    await knobs({ strictScopeDelete: false });
    expect((await org.call("DELETE", path)).status).toBe(204);
  });
});

describe("policies and rules", () => {
  it("read back as the org keeps them", async () => {
    const path = await rulePath();
    const sent = {
      ...(ruleFor("rule", []) as { conditions: object }),
      conditions: { grantTypes: { include: ["client_credentials"] }, scopes: {}, people: { groups: { include: [] } } },
    };
    const { body } = await org.call("PUT", path, sent);
    expect(body.conditions).toEqual({
      people: { users: { exclude: [] } },
      grantTypes: { include: ["client_credentials"] },
      scopes: { include: [] },
    });
  });

  it.each(["implicit", "client-credentials"])("the grant type %s is refused without people", async (type) => {
    const rule = ruleFor("rule", []) as { conditions: { grantTypes: object; people: object } };
    rule.conditions.grantTypes = { include: [type] };
    rule.conditions.people = {};
    const { status, body } = await org.call("PUT", await rulePath(), rule);
    expect([status, body.errorSummary]).toEqual([400, "Api validation failed: conditions.people"]);
  });

  it("a policy is created active, whatever was asked, and names clients that there are", async () => {
    const path = `${await newServer()}/policies`;
    const { body } = await org.call("POST", path, { ...policyFor("p", "ALL_CLIENTS"), status: "INACTIVE" });
    expect(body.status).toBe("ACTIVE");
    const unknown = await org.call("POST", path, policyFor("q", "0oaunknown"));
    expect(unknown.body.errorSummary).toBe("Api validation failed: conditions.clients.include");
  });

  it("priorities stay contiguous: an occupied one shifts the others, a huge one appends", async () => {
    const path = `${await newServer()}/policies`;
    const order = async () =>
      (await org.call("GET", path)).list.map(({ name, priority }) => `${String(priority)}${name}`);
    await org.call("POST", path, policyFor("a", "ALL_CLIENTS"));
    await org.call("POST", path, { ...policyFor("z", "ALL_CLIENTS"), priority: 99_999 });
    const { body } = await org.call("POST", path, policyFor("b", "ALL_CLIENTS"));
    expect(await order()).toEqual(["1b", "2a", "3z"]);
    await org.call("DELETE", `${path}/${body.id}`);
    expect(await order()).toEqual(["1a", "2z"]);
  });

  it.each([
    [500, "E0000009"],
    [423, "E0000239"],
  ])("of one server written at once, one write succeeds and the others get %i", async (racesAnswer, code) => {
    await knobs({ racesAnswer, policyWriteMs: 300 });
    const path = `${await newServer()}/policies`;
    const answers = await Promise.all(
      ["a", "b", "c"].map((name) => org.call("POST", path, policyFor(name, "ALL_CLIENTS"))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, racesAnswer, racesAnswer].sort());
    expect(answers.find(({ status }) => status === racesAnswer)?.body.errorCode).toBe(code);
    expect((await org.call("GET", path)).list).toHaveLength(1);
  });

  it("keep or lose the id of a deleted app, as the org is", async () => {
    const { app, server, policy } = await granted(org);
    const path = `${SERVERS}/${server}/policies/${policy}`;
    const removal = async (id: string) => {
      await org.call("POST", `${APPS}/${id}/lifecycle/deactivate`);
      await org.call("DELETE", `${APPS}/${id}`);
    };
    await removal(app);
    const { body: stale } = await org.call("GET", path);
    expect(stale.conditions.clients.include).toHaveLength(1);
    expect((await org.call("PUT", path, stale)).status).toBe(200);
    await knobs({ keepsStaleClients: false });
    const other = await granted(org);
    await removal(other.app);
    const { body } = await org.call("GET", `${SERVERS}/${other.server}/policies/${other.policy}`);
    expect(body.conditions.clients.include).toEqual([]);
  });
});

describe("members that the sandbox does not know", () => {
  const edit = (path: string, body: object) => org.call("POST", "/_sandbox/edit/okta", { path, body });

  it("of a creation are ignored", async () => {
    const { body } = await org.call("POST", SERVERS, { name: "a", audiences: ["x"], extraFeature: 1 });
    expect(body.extraFeature).toBeUndefined();
  });

  it("survive a change that sends them back, and not one that omits them", async () => {
    const { server, policy, rule, app } = await granted(org, ["read"]);
    const base = `${SERVERS}/${server}`;
    const { list: scopes } = await org.call("GET", `${base}/scopes?q=read`);
    const paths = [
      ...[base, `${base}/policies/${policy}`, `${base}/policies/${policy}/rules/${rule}`, `${APPS}/${app}`],
      `${base}/scopes/${scopes[0]?.id ?? ""}`,
    ];
    for (const path of paths) {
      const { body: before } = await org.call("GET", path);
      await edit(path, { extraFeature: { level: 3 } });
      const { body } = await org.call("GET", path);
      const { lastUpdated: _at, ...kept } = before;
      expect(body).toMatchObject({ ...kept, extraFeature: { level: 3 } });
      await org.call("PUT", path, body);
      expect((await org.call("GET", path)).body.extraFeature).toEqual({ level: 3 });
      const { extraFeature: _extra, ...without } = body;
      await org.call("PUT", path, without);
      expect((await org.call("GET", path)).body.extraFeature).toBeUndefined();
    }
  });

  it("may be deep inside", async () => {
    const path = await rulePath();
    await edit(path, { conditions: { network: { connection: "ANYWHERE" } } });
    const { body } = await org.call("GET", path);
    expect(body.conditions.network).toEqual({ connection: "ANYWHERE" });
    expect(body.conditions.scopes).toEqual({ include: ["read"] });
  });

  it("a change by hand is in no call log and meets no fault", async () => {
    const path = await newServer();
    org.sandbox.calls.clear();
    org.sandbox.faults.add({ tenant: "okta", effect: { status: 500 } });
    const { status, body } = await edit(path, { description: "by hand" });
    expect([status, body.description, org.sandbox.calls.since(0)]).toEqual([200, "by hand", []]);
    const removed = await org.call("POST", "/_sandbox/edit/okta", { method: "DELETE", path });
    expect(removed.body.errorCode).toBe("E0000001");
  });
});

describe("an app", () => {
  it("keeps the client id that was chosen, once", async () => {
    const app = serviceApp("a", { client_id: "chosen-id" });
    const { status, body } = await org.call("POST", APPS, app);
    expect([status, body.credentials.oauthClient.client_id]).toEqual([200, "chosen-id"]);
    expect((await org.call("POST", APPS, app)).status).toBe(400);
    expect((await org.call("GET", "/oauth2/v1/clients/chosen-id")).body.client_name).toBe("a");
  });

  it("shows its secret on creation and update, never on reading", async () => {
    const { body } = await org.call("POST", APPS, serviceApp("a"));
    const { client_secret: secret } = body.credentials.oauthClient;
    expect(secret).toMatch(/^[A-Za-z0-9_-]{64}$/);
    const path = `${APPS}/${body.id}`;
    const { body: read } = await org.call("GET", path);
    expect(read.credentials.oauthClient.client_secret).toBeUndefined();
    const { body: updated } = await org.call("PUT", path, read);
    expect(updated.credentials.oauthClient.client_secret).toBe(secret);
  });

  it("refuses an update of what cannot change, and any while it is inactive", async () => {
    const { body } = await org.call("POST", APPS, serviceApp("a"));
    const path = `${APPS}/${body.id}`;
    expect((await org.call("PUT", path, serviceApp("a", { client_id: "another-id" }))).status).toBe(400);
    expect((await org.call("PUT", path, serviceApp("a", {}, { application_type: "web" }))).status).toBe(400);
    expect((await org.call("DELETE", path)).body.errorCode).toBe("E0000056");
    await org.call("POST", `${path}/lifecycle/deactivate`);
    expect((await org.call("PUT", path, serviceApp("a"))).body.errorCode).toBe("E0000024");
    expect((await org.call("DELETE", path)).status).toBe(204);
  });

  it("takes a moment to be found, when the org is eventually consistent", async () => {
    await knobs({ eventualConsistencyMs: 60_000 });
    const { body } = await org.call("POST", APPS, serviceApp("late"));
    expect((await org.call("GET", `${APPS}/${body.id}`)).status).toBe(404);
    expect((await org.call("GET", `${APPS}?q=late`)).list).toEqual([]);
    const policies = `${await newServer()}/policies`;
    expect((await org.call("POST", policies, policyFor("p", body.id))).status).toBe(400);
  });

  it("is listed by the start of its label and by its status", async () => {
    for (const label of ["Alpha", "alphabet", "beta"]) await org.call("POST", APPS, serviceApp(label));
    const count = async (query: string) => (await org.call("GET", `${APPS}?${query}`)).list.length;
    expect(await count("q=alpha")).toBe(2);
    expect(await count("q=bet&filter=status+eq+%22ACTIVE%22")).toBe(1);
    expect(await count("q=bet&filter=status+eq+%22INACTIVE%22")).toBe(0);
    await knobs({ searchIgnoresCase: false });
    expect(await count("q=alpha")).toBe(1);
    expect((await org.call("GET", `${APPS}?filter=profile.x+eq+%221%22`)).status).toBe(400);
  });
});

describe("secrets of an app", () => {
  const secretsOf = async (): Promise<string> => `${APPS}/${(await granted(org)).app}/credentials/secrets`;
  const cause = async (method: string, path: string): Promise<string> =>
    (await org.call(method, path)).body.errorCauses[0]?.errorSummary ?? "";

  it("are two at most, of which one stays active", async () => {
    const path = await secretsOf();
    const { body } = await org.call("POST", path);
    expect(await cause("POST", path)).toMatch(/^You've reached the maximum/);
    const second = `${path}/${body.id}`;
    expect(await cause("DELETE", second)).toMatch(/^You can't delete an active/);
    expect((await org.call("POST", `${second}/lifecycle/deactivate`)).body.status).toBe("INACTIVE");
    const { list } = await org.call("GET", path);
    expect(await cause("POST", `${path}/${list[0]?.id ?? ""}/lifecycle/deactivate`)).toMatch(/only active/);
    expect((await org.call("DELETE", second)).status).toBe(204);
  });

  it.each([
    ["omit", 200, undefined],
    ["mask", 200, "********"],
    ["refuse", 403, undefined],
  ])("may be hidden from the caller: %s", async (masksSecrets, status, shown) => {
    const path = await secretsOf();
    await knobs({ masksSecrets });
    const { status: answered, list } = await org.call("GET", path);
    expect([answered, list[0]?.client_secret]).toEqual([status, shown]);
    expect((await org.call("POST", path)).body.client_secret).toMatch(/^.{64}$/);
  });
});

it("reads may be stale for a while after a write", async () => {
  const path = await newServer();
  await knobs({ staleReadsMs: 60_000 });
  const { body } = await org.call("GET", path);
  await org.call("PUT", path, { ...body, description: "new" });
  expect((await org.call("GET", path)).body.description).toBe(null);
  await knobs({ staleReadsMs: 0 });
  expect((await org.call("GET", path)).body.description).toBe("new");
});

describe("faults", () => {
  it.each([
    ["before", 0],
    ["after", 1],
  ] as const)("a connection dropped %s the work leaves %i servers", async (drop, count) => {
    org.sandbox.faults.add({ tenant: "okta", method: "POST", path: "^/api/v1/", effect: { drop } });
    await expect(newServer("dropped")).rejects.toThrow();
    expect((await org.call("GET", `${SERVERS}?q=dropped`)).list).toHaveLength(count);
  });

  it("an answer can be replaced after the work was done", async () => {
    const effect = { status: 503, body: { errorCode: "E0000010" }, commit: true };
    await org.call("POST", "/_sandbox/faults", { tenant: "okta", method: "POST", effect });
    expect((await org.call("POST", SERVERS, { name: "done", audiences: ["x"] })).status).toBe(503);
    expect((await org.call("GET", `${SERVERS}?q=done`)).list).toHaveLength(1);
  });
});

describe("requests", () => {
  it("that cannot be read are refused as the org refuses them", async () => {
    const headers = { "content-type": "application/json" };
    const broken = await org.form(SERVERS, {}, { ...headers, authorization: `SSWS ${org.sandbox.okta.apiToken}` });
    expect([broken.status, broken.body.errorCode]).toEqual([400, "E0000003"]);
    const text = await org.form(SERVERS, {}, { "content-type": "text/csv" });
    expect([text.status, text.body.errorCode]).toEqual([400, "E0000021"]);
    expect((await org.call("GET", "/api/v1/nothing")).body.errorCode).toBe("E0000008");
    expect((await org.call("PATCH", `${SERVERS}/default`, {})).body.errorCode).toBe("E0000022");
  });

  it("a knob that there is not is refused", async () => {
    expect((await knobs({ strictAsDeletion: true })).status).toBe(400);
  });
});

describe("what other clients ask beside", () => {
  it.each([
    ["GET", "/api/v1/users/me", 200],
    ["GET", "/api/v1/groups?q=Everyone", 200],
    ["GET", "/api/v1/policies?type=ACCESS_POLICY", 200],
    ["GET", "/api/v1/policies?type=OAUTH_AUTHORIZATION_POLICY", 400],
    ["GET", "/api/v1/internal/apps/0oaunknown/settings/oauth/idToken", 404],
    ["GET", "/.well-known/okta-organization", 200],
    ["GET", "/api/v1/authorizationServers/default/resourceservercredentials/keys", 200],
  ])("%s %s is answered with %i", async (method, path, status) => {
    expect((await org.call(method, path)).status).toBe(status);
  });
});
