import { expect, it } from "vitest";
import { TransportError } from "../../../src/ports/http-transport.ts";
import { problemOf } from "../../../src/providers/keycloak/index.ts";
import type { ClientDocument } from "../../../src/providers/keycloak/documents.ts";
import { clientPages } from "../../../src/providers/keycloak/pages.ts";
import { connectedBy } from "../../contract/connected.ts";
import { createReadableRealm } from "./keycloak-realm.ts";

const URL_ = "https://sso.example.com/auth";

const client = (id: string): ClientDocument => ({
  ...{ id, clientId: `client-${id}`, attributes: {}, optionalClientScopes: [], defaultClientScopes: [] },
  access: { configure: true },
});

/** A server that answers the operator's own requests with these documents, by the end of the path. */
const serverWith = (answers: Readonly<Record<string, unknown>>) => (input: string | URL | Request) => {
  const { pathname } = new URL(new Request(input).url);
  const [, answer] = Object.entries(answers).find(([end]) => pathname.endsWith(end)) ?? [];
  return Promise.resolve(answer instanceof Response ? answer.clone() : Response.json(answer));
};

const connect = (answers: Readonly<Record<string, unknown>>) =>
  connectedBy(
    "keycloak",
    { url: URL_, realm: "machines" },
    { client_id: "operator", client_secret: "not-a-real-secret" },
    {
      fetch: serverWith({
        "/token": { access_token: "a.b.c", token_type: "Bearer", expires_in: 300 },
        "/clients": [client("1")],
        ...answers,
      }),
    },
  );

it.each([
  ["PREVIEW", "26.5"],
  ["DEFAULT", "26.7"],
])("a server whose federated client authentication is of type %s is as old as %s", async (type) => {
  const provider = await connect({ "/serverinfo": { features: [{ name: "CLIENT_AUTH_FEDERATED", type }] } });
  const probing = provider.probe();
  if (type === "DEFAULT") expect(await probing).toEqual({ missingPermissions: [], ownClientId: "operator" });
  else await expect(probing).rejects.toMatchObject({ code: "outdated" });
});

it("a realm that does not exist is said by the token endpoint", async () => {
  const provider = await connect({ "/token": Response.json({ error: "Realm does not exist" }, { status: 404 }) });
  await expect(provider.probe()).rejects.toMatchObject({
    code: "unauthorized",
    message:
      "Realm machines does not exist at https://sso.example.com/auth (Realm does not exist). Create it, or create this provider object again with the correct spec.keycloak.realm.",
  });
});

it("another 404 of the token endpoint says nothing about the realm", async () => {
  const provider = await connect({ "/token": Response.json({ error: "HTTP 404 Not Found" }, { status: 404 }) });
  await expect(provider.probe()).rejects.toMatchObject({ code: "unavailable" });
});

it("a path below the host of the server is part of every request", async () => {
  const provider = await connect({ "/serverinfo": { features: [] } });
  expect(provider.tenant).toBe("sso.example.com/auth/realms/machines");
  await expect(provider.probe()).rejects.toMatchObject({ code: "outdated" });
});

it("a client without lists of scopes is no answer, since grants would seem to be gone", async () => {
  const { optionalClientScopes: _none, ...damaged } = client("1");
  const provider = await connect({ "/clients": [damaged], "/client-scopes": [] });
  await expect(provider.refresh(new Date())).rejects.toMatchObject({ code: "unavailable" });
});

const all = Array.from({ length: 250 }, (_each, index) => client(String(index).padStart(4, "0")));
const tooLarge = new TransportError("too_large", "too large", { sent: true });

async function read(clients: () => readonly ClientDocument[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  const pages = clientPages((query) => {
    if (query === "") return Promise.reject(tooLarge);
    const { first, max } = Object.fromEntries(new URLSearchParams(query));
    return Promise.resolve(clients().slice(Number(first), Number(first) + Number(max)));
  });
  for await (const page of pages) for (const { id } of page) ids.add(id);
  return [...ids];
}

it("a realm that is larger than one answer is read in pages, of which none is missing when clients are deleted meanwhile", async () => {
  expect(await read(() => all)).toHaveLength(250);
  let present = [...all];
  const seen = await read(() => {
    const now = present;
    present = present.slice(3);
    return now;
  });
  expect(all.filter(({ id }) => !seen.includes(id))).toEqual([]);
});

it("pages that do not overlap are no listing", async () => {
  let present = [...all];
  const reading = read(() => {
    const now = present;
    present = present.slice(30);
    return now;
  });
  await expect(reading).rejects.toMatchObject({ code: "unavailable" });
});

it("the credentials Secret is checked by its keys", () => {
  expect(problemOf({ client_id: "a" })).toContain("client_secret (or private_key)");
  expect(problemOf({ client_id: "a", client_secret: "b", private_key: "c" })).toContain("both");
  expect(problemOf({ client_id: "a", private_key: "c" })).toContain("PKCS#8");
  expect(problemOf({ client_id: "a", client_secret: "b" })).toBeUndefined();
});

const access = (client: string, ...roles: readonly string[]) => ({ resource_access: { [client]: { roles } } });
const GOOD = ["manage-clients", "view-clients", "query-clients"];

it.each([
  ["no role beyond", access("realm-management", ...GOOD), {}, []],
  [
    "an administrator",
    access("realm-management", ...GOOD, "realm-admin", "manage-users"),
    {},
    ["manage-users", "realm-admin"],
  ],
  ["a role of its own", { resource_access: { payroll: { roles: ["clerk"] } } }, {}, []],
  [
    "write access where the operator only observes",
    access("realm-management", ...GOOD),
    { isReadOnly: true },
    ["manage-clients"],
  ],
  [
    "the server's administrator",
    { ...access("master-realm", ...GOOD), ...{ realm_access: { roles: ["admin", "offline_access"] } } },
    { realm: "master" },
    ["admin"],
  ],
  ["a role on another realm", access("other-realm", "view-users"), { realm: "master" }, ["other-realm view-users"]],
  ["a token without roles", {}, {}, undefined],
])("the operator's own token tells of roles that nothing needs: %s", async (_name, claims, options, excess) => {
  const provider = await createReadableRealm([client("1")], [], { claims, ...options });
  expect((await provider.probe()).excessPermissions).toEqual(excess);
});
