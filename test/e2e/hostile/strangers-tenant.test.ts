import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fault } from "../../../sandbox/faults.ts";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { fastestEdit, healthAnswer } from "./honest.ts";
import { type Behaviour, createStranger, type Stranger } from "./stranger.ts";

/** In everything that the stranger says. */
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
const clients = () =>
  Array.from({ length: 100 }, () => ({ client_id: `c${String(++unique)}`, name: CANARY, app_type: "non_interactive" }));
const apps = () =>
  Array.from({ length: 100 }, () => ({ id: `a${String(++unique)}`, label: CANARY, name: "oidc_client" }));
const next = (after: string) => ({ link: `<${stranger.sandbox.okta.url}/api/v1/apps?after=${after}>; rel="next"` });
const echo = (): string => {
  const { auth0, okta } = stranger.sandbox;
  return JSON.stringify({
    ...{ error: CANARY, message: `${auth0.clientSecret} ${okta.apiToken}\n${CANARY}\r\n    at ${auth0.clientSecret}` },
    ...{ errorCode: CANARY, errorSummary: okta.apiToken, errorCauses: [{ errorSummary: auth0.clientSecret }] },
  });
};

const MODES: readonly (readonly [string, Fault["tenant"], Behaviour])[] = [
  ["answers just in time", "auth0", onReads(() => ({ latencyMs: 1200 }))],
  ["does not answer", "auth0", () => ({ latencyMs: 4000 })],
  ["does not answer", "okta", () => ({ latencyMs: 4000 })],
  [
    "has pages without end",
    "auth0",
    onReads((path) =>
      text({
        start: 0,
        limit: 100,
        total: 1e9,
        [path.split("/")[3] ?? ""]: clients(),
        clients: clients(),
        next: `n${String(++unique)}`,
      }),
    ),
  ],
  [
    "has the same page again and again",
    "auth0",
    onReads((path) =>
      text({ start: 0, limit: 100, total: 1e9, [path.split("/")[3] ?? ""]: [], clients: clients(), next: "same" }),
    ),
  ],
  ["links pages without end", "okta", onReads(() => text(apps(), next(String(++unique))))],
  ["links a page to itself", "okta", onReads(() => text(apps(), next("same")))],
  ["has huge pages", "auth0", onReads(() => text(`[${`"${CANARY}",`.repeat(800_000)}0]`))],
  ["has huge pages", "okta", onReads(() => text(`[${`"${CANARY}",`.repeat(800_000)}0]`))],
  ["nests its answer", "okta", onReads(() => text("[".repeat(1_000_000)))],
  ["echoes credentials", "auth0", () => ({ status: 500, body: echo(), headers: JSON_TYPE })],
  ["echoes credentials", "okta", () => ({ status: 403, body: echo(), headers: JSON_TYPE })],
];

it.each(MODES)("a tenant that %s (%s) holds up nobody else", async (_name, vendor, behaviour) => {
  stranger.behaves(behaviour);
  await stranger.read(vendor);
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
  expect(await healthAnswer(world)).toBeLessThan(2000);
  const t0 = performance.now();
  const status = await eventually(
    () => world.cluster.get("IdentityProvider", evil, `own-${vendor}`),
    (object) => conditionOf(object, "Ready")?.status === "False",
    "x",
    15_000,
  ).catch(() => undefined);
  console.log(
    ...[_name, vendor, performance.now() - t0, stranger.calls(), Math.round(process.memoryUsage().rss / 1e6)],
    JSON.stringify(conditionOf(status, "Ready")),
  );
  stranger.behaves(() => undefined);
  await stranger.read(vendor);
  await world.ready("IdentityProvider", evil, `own-${vendor}`);
});
