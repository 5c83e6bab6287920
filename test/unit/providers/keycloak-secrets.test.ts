import { expect, it } from "vitest";
import type { Provider, Ref } from "../../../src/ports/provider.ts";
import { connectedBy } from "../../contract/connected.ts";

const REF = "job" as Ref;
const ROTATED = "client.secret.rotated";
const EXPIRES = `${ROTATED}.expiration.time`;
const value = (name: string): string => `not-a-real-secret-${name}`;

interface Job {
  secret: string;
  attributes: Record<string, string | null>;
}

/**
 * One client of a realm, with the answers that a real server gave: attributes of a second secret are dropped where no policy
 * allows one, and kept without any effect where the server does not have the feature.
 */
async function realmOf({ isOn = true, isAllowed = true, attributes = {} as Job["attributes"] }) {
  const job: Job = { secret: value("first"), attributes };
  const puts: object[] = [];
  const document = () => ({
    ...{ id: REF, clientId: "job", clientAuthenticatorType: "client-secret", serviceAccountsEnabled: true },
    ...{ optionalClientScopes: [], defaultClientScopes: [], access: { configure: true }, ...job },
  });
  const change = (body: Partial<Job>): void => {
    puts.push(body);
    const changed = Object.entries({ ...job.attributes, ...body.attributes });
    job.attributes = Object.fromEntries(
      changed.filter(([name, text]) => text !== null && (isAllowed || !name.startsWith(ROTATED))),
    );
    job.secret = body.secret ?? job.secret;
  };
  const features = [
    { name: "CLIENT_AUTH_FEDERATED", type: "DEFAULT", enabled: true },
    { name: "CLIENT_SECRET_ROTATION", type: "PREVIEW", enabled: isOn },
  ];
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/token"))
      return Response.json({ access_token: "a.b.c", token_type: "Bearer", expires_in: 300 });
    if (request.method === "PUT") {
      change((await request.json()) as Partial<Job>);
      return new Response(null, { status: 204 });
    }
    if (pathname.endsWith("/serverinfo")) return Response.json({ features });
    if (pathname.endsWith("/client-scopes")) return Response.json([]);
    return Response.json(pathname.endsWith("/clients") ? [document()] : document());
  };
  const provider: Provider = await connectedBy(
    "keycloak",
    { url: "https://sso.example.com", realm: "machines" },
    { client_id: "operator", client_secret: "not-a-real-secret" },
    { fetch: (input, init) => answer(new Request(input, init)) },
  );
  await provider.probe();
  await provider.refresh(new Date());
  const inForce = () => [job.secret, ...(job.attributes[ROTATED] == null ? [] : [job.attributes[ROTATED]])];
  return { provider, puts, inForce, job, get: () => provider.clients.get(REF) };
}

it("lets both secrets work before the first leaves its place, and ends each alone", async () => {
  const { provider, puts, inForce, get } = await realmOf({});
  expect(provider.capabilities.secretOverlap).toBe("full");
  const { clients } = provider;
  const second = await clients.addSecret(REF, value("second"));
  expect(puts).toMatchObject([
    { attributes: { [ROTATED]: value("second") } },
    { secret: value("second"), attributes: { [ROTATED]: value("first") } },
  ]);
  expect(Object.keys(puts[0] ?? {})).toEqual(["attributes"]);
  expect(inForce()).toEqual([value("second"), value("first")]);
  expect((await get())?.secrets?.map(({ ref }) => ref)).toEqual([second.ref, ...second.others]);
  expect(await clients.addSecret(REF, value("second"))).toEqual(second);
  await expect(clients.addSecret(REF, value("third"))).rejects.toMatchObject({ code: "limit_reached" });
  await clients.removeSecret(REF, second.others[0] ?? "");
  expect(inForce()).toEqual([value("second")]);
  await clients.addSecret(REF, value("third"));
  await clients.removeSecretByValue(REF, value("third"), []);
  expect(inForce()).toEqual([value("second")]);
});

it("is found again after each of its two writes", async () => {
  const expires = String(Math.floor(Date.now() / 1000) + 1000);
  const { provider, inForce, puts } = await realmOf({ attributes: { [ROTATED]: value("second"), [EXPIRES]: expires } });
  const added = await provider.clients.addSecret(REF, value("second"));
  expect(added.others).toHaveLength(1);
  expect(puts).toHaveLength(1);
  expect(inForce()).toEqual([value("second"), value("first")]);
});

it("replaces the one that is to go first, wherever it is", async () => {
  const { provider, inForce } = await realmOf({});
  const second = await provider.clients.addSecret(REF, value("second"));
  const third = await provider.clients.addSecret(REF, value("third"), second.others[0]);
  expect([inForce(), third.others]).toEqual([[value("third"), value("second")], [second.ref]]);
  const fourth = await provider.clients.addSecret(REF, value("fourth"), third.ref);
  expect([inForce(), fourth.others]).toEqual([[value("fourth"), value("second")], [second.ref]]);
  await provider.clients.replaceSecret(REF, value("fifth"));
  expect(inForce()).toEqual([value("fifth")]);
});

it("changes nothing of a client that no policy lets have two, and says so of the client", async () => {
  const { provider, inForce, get } = await realmOf({ isAllowed: false });
  expect(await get()).not.toHaveProperty("lacksSecretOverlap");
  await expect(provider.clients.addSecret(REF, value("second"))).rejects.toMatchObject({ code: "unsupported" });
  expect(inForce()).toEqual([value("first")]);
  expect(await get()).toMatchObject({ lacksSecretOverlap: true });
});

it("counts no second secret that has expired, or on a server without the feature", async () => {
  const attributes = (expires: number) => ({ [ROTATED]: value("old"), [EXPIRES]: String(expires) });
  const now = Math.floor(Date.now() / 1000);
  expect((await (await realmOf({ attributes: attributes(now - 10) })).get())?.secrets).toHaveLength(1);
  expect((await (await realmOf({ attributes: attributes(now + 1000) })).get())?.secrets).toHaveLength(2);
  const without = await realmOf({ isOn: false, attributes: attributes(now + 1000) });
  expect(without.provider.capabilities.secretOverlap).toBe("announced");
  expect((await without.get())?.secrets).toMatchObject([{ ref: undefined }]);
  await expect(without.provider.clients.addSecret(REF, value("second"))).rejects.toMatchObject({ code: "unsupported" });
  expect(without.puts).toEqual([]);
});
