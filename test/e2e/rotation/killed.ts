import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { controlPlane } from "../../integration/control-plane.ts";
import { eventually } from "../../integration/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../../integration/kube/fault-proxy.ts";
import { startOperatorProcess } from "../operator-process.ts";
import { createWorld, type World } from "../world.ts";
import { createSubject, credentialsOf, FAST, passingKeys, type Subject } from "./rotations.ts";
import { tokenWith } from "./workload.ts";

interface Scenario {
  readonly vendor: "auth0" | "okta";
  readonly what: string;
  /** Of the client, beside its rotation. */
  readonly spec?: object;
  /** What begins the rotation, in `spec.authentication`. Default: the annotation. */
  readonly change?: object;
}

/** At how many of its calls and writes the operator is killed: more than any rotation has. */
const POINTS = 19;

interface Armed {
  readonly subject: Subject;
  readonly clientId: string;
  /** Kill after so many calls and writes of this client's rotation. */
  left: number;
  /** What was killed after; `undefined` while it was not. */
  killedAfter?: string;
  /** When something of its rotation was carried out last. */
  lastAt: number;
}

/** Longer than a reader takes from reading its Secret to the answer of the tenant, also on a busy machine. */
const ROTATION = { ...FAST, announce: "5s", overlap: "5s" };

/** Pauses between two requests of a reader: far shorter than the operator is away after a kill. */
const EVERY_MS = { alone: 120, together: 500 };

/** A rotation that waits says nothing for so long. */
const QUIET_MS = 2500;

/** Kills the operator after each call and write of one kind of rotation. A file of its own for each: they take minutes. */
export function describeKilledRotation({ vendor, what, spec = {}, change }: Scenario): void {
  describe(`a rotation of a ${what} at ${vendor}`, () => {
    let world: World;
    let proxy: FaultProxy;
    let readers: Agent;
    let child: ChildProcess | undefined;
    const armed: Armed[] = [];
    let isArmed = false;

    const start = (): void => {
      child = startOperatorProcess(world, {
        kubeconfig: proxy.kubeconfig,
        flags: ["--provider-timeout-ms", "1500", "--settle-ms", "300"],
      });
    };
    const kill = (victim: Armed, after: string): void => {
      victim.killedAfter = after;
      child?.kill("SIGKILL");
      child = undefined;
    };
    /** Counts what was carried out for one client, and kills before anybody gets the answer. */
    const carriedOut = (isAbout: (victim: Armed) => boolean, what: string): void => {
      if (!isArmed || child === undefined) return;
      const victim = armed.find((one) => one.killedAfter === undefined && one.left > 0 && isAbout(one));
      if (victim === undefined) return;
      victim.left -= 1;
      victim.lastAt = Date.now();
      if (victim.left === 0) kill(victim, what);
    };

    beforeAll(async () => {
      world = await createWorld({ vendor, flags: [] });
      readers = new Agent({ connect: { ca: world.sandbox.caPem } });
      proxy = await startFaultProxy(controlPlane().kubeconfig);
    }, 60_000);
    afterAll(async () => {
      child?.kill("SIGKILL");
      await proxy.close();
      await readers.close();
      await world.end();
    });

    /** One client per point, each in a namespace of its own. */
    const prepare = async (): Promise<void> => {
      for (let point = 1; point <= POINTS; point++) {
        const displayName = `${what} ${String(point)}`;
        const subject = await createSubject(world, { displayName, rotation: ROTATION, ...spec });
        const { client_id: clientId = "" } = await subject.secret();
        armed.push({ subject, clientId, left: point, lastAt: 0 });
      }
    };
    const begin = async ({ subject }: Armed): Promise<void> => {
      if (change === undefined) await subject.rotate();
      else await world.cluster.patch("M2MClient", subject.namespace, "job", { spec: { authentication: change } });
    };
    /** One after the other, so that no other step is carried out while a kill is under way. */
    const beginAll = async (): Promise<readonly string[]> => {
      const failures: string[] = [];
      for (const one of armed) {
        one.lastAt = Date.now();
        await begin(one);
        while (one.killedAfter === undefined && Date.now() - one.lastAt < QUIET_MS) {
          if (child === undefined) start();
          failures.push(...(await refusals([one])));
          await delay(EVERY_MS.alone);
        }
      }
      return failures;
    };
    /** What readers are refused that use what the Secrets hold at this moment. */
    const refusals = async (of: readonly Armed[]): Promise<readonly string[]> => {
      const answers = of.map(async ({ subject }) => {
        const refusal = await tokenWith(await subject.secret(), true, readers);
        return refusal === undefined ? [] : [`${subject.namespace}: ${refusal}`];
      });
      return (await Promise.all(answers)).flat();
    };
    const watchCalls = (): void => {
      const remoteId = ({ clientId }: Armed): string =>
        [...world.sandbox.org.state.apps.values()].find((app) => app.clientId === clientId)?.id ?? clientId;
      world.sandbox.calls.onCall(({ method, path }) => {
        const isOfCredentials = method !== "GET" || path.includes("/credentials");
        if (isOfCredentials) carriedOut((one) => path.includes(remoteId(one)), `${method} ${path}`);
      });
      proxy.onAnswer((method, url) => {
        const isWrite = method !== "GET" && !url.includes("/events");
        if (isWrite) carriedOut((one) => url.includes(`/${one.subject.namespace}/`), `${method} ${url}`);
      });
      isArmed = true;
    };
    const isOver = async ({ subject }: Armed): Promise<boolean> => {
      const client = await subject.client();
      const { lastRotationAt } = (client?.status ?? {}) as { lastRotationAt?: string };
      return lastRotationAt !== undefined && credentialsOf(client).length === 1;
    };
    /** Starts the operator whenever it was killed; meanwhile every reader asks for tokens with what it reads. */
    const untilOver = async (): Promise<readonly string[]> => {
      const failures: string[] = [];
      const deadline = Date.now() + 300_000;
      while (!(await Promise.all(armed.map(isOver))).every(Boolean)) {
        if (child === undefined) start();
        failures.push(...(await refusals(armed)));
        await delay(EVERY_MS.together);
        expect(Date.now()).toBeLessThan(deadline);
      }
      if (child === undefined) start();
      return failures;
    };

    it("that is killed after each of its calls and writes ends with one credential, and no reader is ever without", async () => {
      await prepare();
      await world.stopOperator();
      watchCalls();
      start();
      expect([...(await beginAll()), ...(await untilOver())]).toEqual([]);
      for (const one of armed) {
        const secret = await eventually(
          () => one.subject.secret(),
          (now) => passingKeys(now).length === 0,
          "the end",
          40_000,
        );
        expect(await tokenWith(secret, true, readers)).toBeUndefined();
        expect(heldBy(world, vendor, one.clientId)).toBe(1);
      }
      const killed = armed.flatMap(({ killedAfter }) => (killedAfter === undefined ? [] : [killedAfter]));
      // The last points lie beyond the end of a rotation: none between its first and its last step was left out.
      expect(armed.length - killed.length).toBeGreaterThanOrEqual(1);
      expect(killed.length).toBeGreaterThan(7);
    }, 420_000);
  });
}

/** How many credentials the tenant takes from the client. */
function heldBy(world: World, vendor: Scenario["vendor"], clientId: string): number {
  if (vendor === "auth0") {
    const client = world.sandbox.tenant.state.clients.get(clientId);
    const keys = world.sandbox.tenant.state.credentials.get(clientId) ?? [];
    return client?.["client_authentication_methods"] === undefined ? 1 : keys.length;
  }
  const app = [...world.sandbox.org.state.apps.values()].find((one) => one.clientId === clientId);
  return app?.authMethod === "private_key_jwt" ? app.keys.length : (app?.secrets.length ?? 0);
}
