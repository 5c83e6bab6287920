import { setTimeout as delay } from "node:timers/promises";
import { type Cluster, eventually } from "../integration/cluster.ts";
import { apiServerOf, type Revived } from "../integration/kube/api-server.ts";
import type { FaultProxy } from "../integration/kube/fault-proxy.ts";
import type { Random } from "./random.ts";

export interface Faults {
  /** Does its worst until aborted; resolves when all is well again, with what it did and how often. */
  run(signal: AbortSignal): Promise<Readonly<Record<string, number>>>;
  /** The API server that was started last. */
  stop(): void;
}

const FROZEN_MS = 40_000;
const HALF_A_LINE = '{"type":"MODIFIED","object":{"metadata":{"na';

/** Spoils the way of each operator to the API server, and the API server itself. */
export function createFaults(
  cluster: Cluster,
  proxies: readonly FaultProxy[],
  random: Random,
  say: (line: string) => void,
): Faults {
  const apiServer = apiServerOf(cluster.connection.host);
  let revived: Revived | undefined;
  const some = (): readonly FaultProxy[] => random.pick([proxies, proxies.slice(0, 1), proxies.slice(1)]);
  const deeds = {
    "cut connections": () => {
      for (const proxy of some()) proxy.cut();
      return Promise.resolve();
    },
    "cut within a line": () => {
      for (const proxy of some()) proxy.cut(HALF_A_LINE);
      return Promise.resolve();
    },
    "froze for 40 s": async () => {
      const frozen = some();
      for (const proxy of frozen) proxy.freeze();
      await delay(FROZEN_MS);
      for (const proxy of frozen) proxy.thaw();
    },
    "killed the API server": async () => {
      apiServer.kill();
      await delay(random.between(0, 8000));
      revived = apiServer.revive();
      await eventually(
        () =>
          cluster.get("Namespace", "", "default").then(
            () => true,
            () => false,
          ),
        (answers) => answers,
        "an API server that answers",
        120_000,
      );
    },
  };
  return {
    run: async (signal) => {
      const done: Record<string, number> = {};
      let left: (readonly [string, () => Promise<void>])[] = [];
      while (!signal.aborted) {
        await delay(random.between(3000, 15_000));
        // Each of them before any of them again, so that a short run has seen all.
        if (left.length === 0) left = Object.entries(deeds);
        const [name, deed] = random.pick(left);
        left = left.filter(([other]) => other !== name);
        say(name);
        done[name] = (done[name] ?? 0) + 1;
        await deed();
      }
      return done;
    },
    stop: () => revived?.kill(),
  };
}
