import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type KeycloakCall, type KeycloakProxy, startKeycloakProxy } from "../../../keycloak/proxy.ts";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { startOperatorProcess } from "../operator-process.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { requestToken } from "./token.ts";

const LONG = 300_000;
const KINDS = { OAuthApi: "things", M2MClient: "job", ScopeGrant: "job-things" } as const;
const SCOPES = ["read", "write", "approve"];
/** A client for the API, its scopes, and the client. */
const CREATES = 2 + SCOPES.length;

/** An API with three scopes, a client and a grant of all three, and at which of its writes the operator is killed. */
interface Life {
  readonly namespace: string;
  /** IDs of what was created for it in the realm. */
  readonly ids: Set<string>;
  /** Counted from 1, again for the deletion. */
  readonly write: number;
  /** Before Keycloak sees that write, or once it is carried out and nobody knows. */
  readonly moment: "before" | "after";
  creates: number;
}

type Asked = Pick<KeycloakCall, "method" | "path" | "body">;

describeKeycloak(() => {
  let world: RealmWorld;
  let proxy: KeycloakProxy;
  let child: ChildProcess | undefined;
  const lives: Life[] = [];
  let victim: { readonly life: Life; seen: number; killedAt?: string } | undefined;

  const start = (): void => {
    const flags = ["--provider-timeout-ms", "3000", "--settle-ms", "300"];
    child = startOperatorProcess(world, { host: new URL(proxy.url).host, flags });
  };
  const restart = async (): Promise<void> => {
    if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
    start();
  };

  const isOf = ({ namespace, ids }: Life, { path, body }: Asked): boolean =>
    body.includes(namespace) || path.split("/").some((part) => ids.has(part));
  /** Whether the victim's operator was killed at this moment. */
  const isKilledAt = (moment: Life["moment"], asked: Asked): boolean => {
    if (victim === undefined || victim.killedAt !== undefined) return false;
    const { life, seen } = victim;
    if (life.moment !== moment || life.write !== seen) return false;
    victim.killedAt = `${moment} ${asked.method} ${asked.path}`;
    child?.kill("SIGKILL");
    return true;
  };
  const isWrite = ({ method, path }: Asked): boolean => method !== "GET" && path.startsWith("/admin/");

  beforeAll(async () => {
    proxy = await startKeycloakProxy(keycloak());
    world = await createRealmWorld({ proxy });
    await world.stopOperator();
    proxy.observe({
      before: (asked) => {
        if (!isWrite(asked) || victim === undefined || !isOf(victim.life, asked)) return true;
        victim.seen += 1;
        return !isKilledAt("before", asked);
      },
      after: (call) => {
        const life = lives.find((one) => isOf(one, call));
        if (!isWrite(call) || life === undefined) return;
        if (call.status === 201) {
          life.ids.add(call.location.split("/").at(-1) ?? "");
          life.creates += 1;
        }
        if (life === victim?.life) isKilledAt("after", call);
      },
    });
    start();
  }, LONG);
  afterAll(async () => {
    child?.kill("SIGKILL");
    await world.end();
    await proxy.close();
  }, LONG);

  /** Every write is a point, before and after, until a life ends that has no such write. */
  const create = async (write: number, moment: Life["moment"]): Promise<Life> => {
    const namespace = await world.namespace();
    const life: Life = { namespace, ids: new Set(), write, moment, creates: 0 };
    lives.push(life);
    victim = { life, seen: 0 };
    await world.api(namespace, KINDS.OAuthApi, { scopes: SCOPES.map((name) => ({ name: `${namespace}:${name}` })) });
    await world.client(namespace, KINDS.M2MClient, { displayName: `Job ${namespace}` });
    const refs = { clientRef: { name: KINDS.M2MClient }, apiRef: { name: KINDS.OAuthApi } };
    await world.grant(namespace, KINDS.ScopeGrant, { ...refs, allScopes: true });
    return life;
  };
  /** Asks for what comes last first: mostly it is not so yet, and one request tells. */
  const isEach = async ({ namespace }: Life, holds: (object: AnyObject | undefined) => boolean): Promise<boolean> => {
    for (const [kind, name] of Object.entries(KINDS).toReversed())
      if (!holds(await world.cluster.get(kind, namespace, name))) return false;
    return true;
  };
  const isReady = (life: Life): Promise<boolean> =>
    isEach(life, (object) => conditionOf(object, "Ready")?.status === "True");
  const isGone = (life: Life): Promise<boolean> => isEach(life, (object) => object === undefined);
  /** Whether the operator was killed before the life got there. */
  const killedUnless = async (life: Life, isOver: (life: Life) => Promise<boolean>): Promise<boolean> => {
    await eventually(
      async () => victim?.killedAt !== undefined || (await isOver(life)),
      (isDecided) => isDecided,
      `${life.namespace} killed ${life.moment} write ${String(life.write)}`,
      60_000,
    );
    if (victim?.killedAt === undefined) return false;
    await restart();
    return true;
  };

  it(
    "killed before and after each write of a creation, it creates everything once and every Secret gets a token",
    async () => {
      for (let write = 1; ; write++) {
        const before = await killedUnless(await create(write, "before"), isReady);
        const after = await killedUnless(await create(write, "after"), isReady);
        if (!before && !after) break;
      }
      for (const life of lives)
        await eventually(
          () => isReady(life),
          (ready) => ready,
          `${life.namespace} Ready`,
          60_000,
        );
      expect(lives.map(({ creates }) => creates)).toEqual(lives.map(() => CREATES));
      expect(await world.realm.clients()).toHaveLength(2 * lives.length);
      expect(await world.realm.scopes()).toHaveLength(SCOPES.length * lives.length);
      for (const { namespace } of lives) {
        const secret = (await world.cluster.secret(namespace, KINDS.M2MClient)) ?? {};
        expect((await world.realm.client(secret["client_id"] ?? ""))?.["optionalClientScopes"]).toHaveLength(3);
        expect(await requestToken(secret, proxy.caPem)).toMatchObject({ status: 200 });
      }
      // All writes of a creation are points: five creates, the record of the grant, and its three scopes.
      expect(lives.length / 2).toBeGreaterThan(CREATES + 1 + SCOPES.length);
    },
    LONG,
  );

  it(
    "killed before and after each write of a deletion, it leaves nothing",
    async () => {
      let killed = 0;
      for (const life of lives) {
        victim = { life, seen: 0 };
        for (const [kind, name] of Object.entries(KINDS)) await world.cluster.remove(kind, life.namespace, name);
        if (await killedUnless(life, isGone)) killed += 1;
      }
      for (const life of lives)
        await eventually(
          () => isGone(life),
          (gone) => gone,
          `${life.namespace} gone`,
          60_000,
        );
      expect([await world.realm.clients(), await world.realm.scopes()]).toEqual([[], []]);
      expect(killed).toBeGreaterThan(CREATES);
    },
    LONG,
  );
});
