import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../../sandbox/faults.ts";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { fastestEdit, healthAnswer } from "./honest.ts";
import { type Behaviour, createStranger, type Stranger } from "./stranger.ts";

/** In all that the stranger says but the texts of errors, which are shown in one line of at most 200 characters. */
const CANARY = "words-of-the-stranger";

let world: World;
let [victim, evil] = ["", ""];
let stranger: Stranger;

beforeAll(async () => {
  world = await createWorld({ flags: ["--allowed-hosts", "localhost:*"] });
  [victim, evil] = [await world.namespace(), await world.namespace()];
  await world.api(victim, "api");
  await world.ready("OAuthApi", victim, "api");
  stranger = await createStranger(world, evil);
  await world.api(evil, "api", { providerRef: stranger.providerRef("auth0") });
  await world.ready("OAuthApi", evil, "api");
});
afterAll(async () => {
  stranger.behaves(() => undefined);
  await world.end();
  await stranger.close();
});

const JSON_TYPE = { "content-type": "application/json" };
const text = (body: unknown, headers: object = {}): Fault["effect"] => ({
  ...{ status: 200, body: typeof body === "string" ? body : JSON.stringify(body) },
  headers: { ...JSON_TYPE, ...headers },
});
const isRead = (path: string): boolean => path.startsWith("/api/");
const onReads =
  (effect: (path: string) => Fault["effect"]): Behaviour =>
  ({ method, path }) =>
    method === "GET" && isRead(path) ? effect(path) : undefined;

let unique = 0;
/** Members that the vendor could have listed: copies of a real one. */
const many = (real: object, key: string): readonly object[] =>
  Array.from({ length: 100 }, () => ({ ...real, [key]: `words${String(++unique)}`, name: CANARY }));
/** What the vendor would answer to a listing, with pages that never end. */
const endlessAuth0 = onReads((path) => {
  if (path !== "/api/v2/clients") return {};
  const [real] = [...stranger.sandbox.tenant.state.clients.values()];
  return text({ start: 0, limit: 100, total: 1e9, clients: many(real ?? {}, "client_id") });
});
const endlessOkta = (after: () => string): Behaviour =>
  onReads((path) => (path === "/api/v1/apps" ? text([], next(after())) : {}));
const next = (after: string) => ({ link: `<${stranger.sandbox.okta.url}/api/v1/apps?after=${after}>; rel="next"` });
const echo = (): string => {
  const { auth0, okta } = stranger.sandbox;
  return JSON.stringify({
    ...{
      error: "error",
      message: `${auth0.clientSecret} ${okta.apiToken}\nsecond line\r\n    at ${auth0.clientSecret}`,
    },
    ...{ errorCode: "E0000009", errorSummary: okta.apiToken, errorCauses: [{ errorSummary: auth0.clientSecret }] },
  });
};

/** A new client at the stranger's, whose credential is tried while the stranger lies about tokens and keys. */
let lies = 0;
async function liedTo(wanted: string, body: () => unknown): Promise<void> {
  let asked = 0;
  const name = `lied-${String(++lies)}`;
  stranger.behaves(() => undefined);
  await world.client(evil, name, { providerRef: stranger.providerRef("auth0") });
  await world.ready("M2MClient", evil, name);
  stranger.behaves(({ path }) => {
    if (path !== wanted) return undefined;
    asked += 1;
    return text(body());
  });
  await world.grant(evil, name, { clientRef: { name }, apiRef: { name: "api" }, allScopes: true });
  // The second time comes after the first was judged.
  await eventually(
    () => asked,
    (times) => times > 1,
    `${wanted} asked for again`,
  );
  const seen = await world.cluster.get("M2MClient", evil, name);
  expect(conditionOf(seen, "Verified")?.status).not.toBe("True");
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const unsigned = (): string =>
  `${encoded({ alg: "none", typ: "at+jwt" })}.${encoded({ iss: `${stranger.sandbox.auth0.url}/`, aud: `https://${evil}.example.com/api`, iat: 1, exp: 9e9, scope: CANARY })}.`;

it.each<readonly [string, string, () => unknown]>([
  [
    "ten thousand keys",
    "/.well-known/jwks.json",
    () => ({
      keys: Array.from({ length: 10_000 }, (_, index) => ({ kty: "RSA", kid: String(index), n: CANARY, e: "AQAB" })),
    }),
  ],
  [
    "tokens that nobody signed",
    "/oauth/token",
    () => ({ access_token: unsigned(), token_type: "Bearer", expires_in: 3600 }),
  ],
])("%s verify nothing", async (_name, wanted, body) => {
  await liedTo(wanted, body);
});

const MODES: readonly (readonly [string, Fault["tenant"], Behaviour])[] = [
  ["answers just in time", "auth0", onReads(() => ({ latencyMs: 1200 }))],
  ["does not answer", "auth0", () => ({ latencyMs: 4000 })],
  ["does not answer", "okta", () => ({ latencyMs: 4000 })],
  ["has pages without end", "auth0", endlessAuth0],
  ["links pages without end", "okta", endlessOkta(() => String(++unique))],
  ["links a page to itself", "okta", endlessOkta(() => "same")],
  ["has huge pages", "auth0", onReads(() => text(`[${`"${CANARY}",`.repeat(400_000)}0]`))],
  ["has huge pages", "okta", onReads(() => text(`[${`"${CANARY}",`.repeat(400_000)}0]`))],
  ["nests its answer", "okta", onReads(() => text("[".repeat(1_000_000)))],
  ["echoes credentials", "auth0", () => ({ status: 500, body: echo(), headers: JSON_TYPE })],
  ["echoes credentials", "okta", () => ({ status: 403, body: echo(), headers: JSON_TYPE })],
];

it.each(MODES)("a tenant that %s (%s) holds up nobody else", async (_name, vendor, behaviour) => {
  stranger.behaves(behaviour);
  await stranger.read(vendor);
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
  expect(await healthAnswer(world)).toBeLessThan(2000);
  // The behaviour was met, and met again where it is repeated.
  await eventually(
    () => stranger.calls(),
    (calls) => calls > 1,
    "more calls to the stranger",
  );
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
});

it("metadata of another issuer are not used", async () => {
  const other = "https://another-issuer.example.com/";
  const documents = { issuer: other, token_endpoint: `${other}token`, jwks_uri: `${other}keys` };
  await world.stopOperator();
  stranger.behaves(({ path }) => (path.startsWith("/.well-known/") ? text(documents) : undefined));
  await world.startOperator();
  await eventually(
    () => stranger.calls(),
    (calls) => calls > 1,
    "calls to the stranger",
  );
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
  for (const object of await world.cluster.list("OAuthApi", evil))
    expect(JSON.stringify(object.status)).not.toContain(other);
});

it("a credential that looks like words is not shown either when the stranger repeats it", async () => {
  const secret = "plain-words-for-a-secret";
  const error = { error: "access_denied", error_description: `no ${secret} here`, message: `no ${secret} here` };
  stranger.behaves(() => ({ status: 401, body: JSON.stringify(error), headers: JSON_TYPE }));
  await world.cluster.apply({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "plain", namespace: evil } },
    stringData: { client_id: "plain", client_secret: secret },
  });
  await world.cluster.apply(
    world.resource("IdentityProvider", evil, "plain", {
      auth0: { domain: stranger.sandbox.auth0.domain },
      caBundle: stranger.sandbox.caPem,
      credentialsSecretRef: { name: "plain" },
    }),
  );
  const refused = await eventually(
    () => world.cluster.get("IdentityProvider", evil, "plain"),
    (provider) => conditionOf(provider, "Ready")?.message.includes("here") === true,
    "the stranger's words in status",
  );
  const told = [
    ...world.logs,
    JSON.stringify(refused?.status),
    JSON.stringify(await world.cluster.list("Event", evil)),
  ];
  expect(told.join("\n")).not.toContain(secret);
});

it("nothing that the stranger said, and no credential that it echoed, is in a log, an event or a status", async () => {
  const objects = await Promise.all(
    ["Event", "IdentityProvider", "OAuthApi", "M2MClient"].map((kind) => world.cluster.list(kind, evil)),
  );
  const told = [...world.logs, JSON.stringify(objects)].join("\n");
  expect(told).not.toContain(stranger.sandbox.auth0.clientSecret);
  expect(told).not.toContain(stranger.sandbox.okta.apiToken);
  expect(told.split("\n").filter((line) => line.includes(CANARY))).toEqual([]);
});

it("a limit that the stranger says ends in a year holds up neither others nor the end of the operator", async () => {
  const headers = { ...JSON_TYPE, "retry-after": "31536000" };
  stranger.behaves(() => ({ status: 429, body: "{}", headers }));
  await stranger.read("auth0");
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
  const startedAt = performance.now();
  await world.stopOperator();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  stranger.behaves(() => undefined);
  await world.startOperator();
});
