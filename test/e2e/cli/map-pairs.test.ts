import { expect, it } from "vitest";
import type { AccessMap } from "../../../cli/map/model.ts";
import { createWorld, type World } from "../world.ts";
import { auth0Subject } from "./auth0-subject.ts";
import { oktaSubject } from "./okta-subject.ts";
import { m2m } from "./plugin.ts";
import { numbered, type Random, randomFrom, type TenantSubject } from "./tenant-subject.ts";

/** Pairs of a client and an API for which a token is asked. */
const PAIRS = Number(process.env["M2M_MAP_PAIRS"] ?? "150");
const SEED = Number(process.env["M2M_MAP_SEED"] ?? "1");

it.each(["auth0", "okta"] as const)(
  "the map of a tenant of %s says for every pair what the tenant's token endpoint says",
  { timeout: 900_000 },
  async (vendor) => {
    const world = await createWorld({ vendor });
    const subject = vendor === "okta" ? oktaSubject(world.sandbox) : auth0Subject(world.sandbox);
    try {
      const random = randomFrom(SEED);
      await byOperator(world, random);
      await subject.fillByHand(random);
      const map = await mapOf(world);
      const { wrong, asked, granted } = await compared(map, subject, random);
      expect(wrong, `of ${String(asked)} pairs, seed ${String(SEED)}`).toEqual([]);
      // The comparison means something: there are tokens, and refusals.
      expect(granted).toBeGreaterThan(asked / 20);
      expect(granted).toBeLessThan(asked);
      console.log(`${vendor}: ${String(asked)} pairs asked, ${String(granted)} got a token, 0 false, 0 missing`);
    } finally {
      await subject.close();
      await world.end();
    }
  },
);

/** Two teams, whose clients call the APIs of both. */
async function byOperator(world: World, random: Random): Promise<void> {
  const teams = [await world.namespace(), await world.namespace()];
  const apis = teams.flatMap((namespace) => numbered(3, "api").map((name) => ({ namespace, name })));
  const allowedGrants = [{ namespaces: { from: "Names", names: teams } }];
  for (const { namespace, name } of apis) await world.api(namespace, name, { allowedGrants });
  const grants: (readonly [namespace: string, name: string])[] = [];
  for (const namespace of teams)
    for (const client of numbered(4, "job")) {
      await world.client(namespace, client, { secret: { primaryGrant: `${client}-0` } });
      for (const name of numbered(1 + random.below(3), client)) {
        const scopes = random.chance(50) ? ["read:things"] : ["read:things", "write:things"];
        await world.grant(namespace, name, { clientRef: { name: client }, apiRef: random.pick(apis), scopes });
        grants.push([namespace, name]);
      }
    }
  for (const [namespace, name] of grants) await world.ready("ScopeGrant", namespace, name);
}

async function mapOf(world: World): Promise<AccessMap> {
  const { sandbox, systemNamespace, provider } = world;
  const { code, stdout, stderr } = await m2m([
    ...["map", "--all-namespaces", "-o", "json", "--provider", provider, "--operator-namespace", systemNamespace],
    ...["--allowed-hosts", sandbox.auth0.domain, "--allow-private-addresses"],
  ]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as AccessMap;
}

/** What the map says that the tenant does not, and the reverse, each as text. */
async function compared(map: AccessMap, subject: TenantSubject, random: Random) {
  const says = answers(map);
  const pairs = subject.clientIds().flatMap((client) => subject.audiences().map((audience) => ({ client, audience })));
  const wrong: string[] = [];
  let granted = 0;
  const asked = Math.min(PAIRS, pairs.length);
  for (let count = 0; count < asked; count += 1) {
    const [pair] = pairs.splice(random.below(pairs.length), 1);
    if (pair === undefined) break;
    const [expected, actual] = [
      says(pair.client, pair.audience),
      await subject.askedScopes(pair.client, pair.audience),
    ];
    if (actual !== undefined) granted += 1;
    if (JSON.stringify(expected) !== JSON.stringify(actual))
      wrong.push(`${pair.client} ${pair.audience}: map ${String(expected)}, tenant ${String(actual)}`);
  }
  return { wrong, asked, granted };
}

/** The scopes that the map says a client gets, also as one of all clients. `undefined`: no token. */
function answers({ clients, apis, access }: AccessMap) {
  return (clientId: string, audience: string): readonly string[] | undefined => {
    const client = clients.find((one) => one.clientId === clientId);
    const api = apis.find((one) => one.audience === audience);
    const everyone = clients.find((one) => one.isEveryone === true && one.tenant === api?.tenant);
    if (client?.restriction !== undefined || api?.restriction !== undefined) return undefined;
    const found = access.filter((one) => one.api === api?.id && [client?.id, everyone?.id].includes(one.client));
    const usable = found.filter(
      ({ organizations: only }) => only?.usage !== "Require" || only.any || only.ids.length > 0,
    );
    return usable.length === 0 ? undefined : [...new Set(usable.flatMap(({ scopes }) => scopes))].sort();
  };
}
