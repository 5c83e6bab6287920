import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Controller } from "../controller/controller.ts";
import type { Connection } from "../kube/connection.ts";
import { acquireLease, type HeldLease } from "../kube/lease.ts";

interface LeadershipParts {
  readonly config: Pick<Config, "leaderElection" | "leaseName" | "namespace" | "drainMs">;
  readonly connection: Connection;
  readonly log: Logger;
  /** Fetches what the workers need; called once this process leads, before they start. `signal`: it is to end. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  /** Called once this process leads and is prepared. */
  readonly startWorkers: () => Controller;
  /** Called when the lease is lost, before anybody else can have it: ends every request at once. */
  readonly abortWork: () => void;
}

/** Whether this process works, and the end of its work. */
export interface Leadership {
  /** Resolves when the lease was lost. Rejects when the workers could not be started. */
  readonly lost: Promise<"leaseLost">;
  /** Why the process should be restarted; `undefined` when it is well. */
  unhealthy(): string | undefined;
  /** Takes no more work, waits for what was begun, gives the lease away. Never waits long for the API server. */
  end(): Promise<void>;
}

/** How long work that was aborted may take to notice it. */
const ABORTING_MS = 2000;

/** Waits for the lease, if there is one to wait for, and starts the workers. */
export function lead({ config, connection, log, prepare, startWorkers, abortWork }: LeadershipParts): Leadership {
  const ending = new AbortController();
  let lease: HeldLease | undefined;
  let controller: Controller | undefined;
  let onLost: (why: "leaseLost") => void = () => undefined;
  const isLost = new Promise<"leaseLost">((resolve) => (onLost = resolve));

  const began = (async (): Promise<void> => {
    if (config.leaderElection) {
      const identity = `${hostname()}_${randomBytes(8).toString("hex")}`;
      const { namespace, leaseName: name } = config;
      lease = await acquireLease({ connection, namespace, name, identity, log }, ending.signal);
      lease?.lost.addEventListener("abort", () => {
        onLost("leaseLost");
        void drained(controller, 0);
        abortWork();
      });
    }
    const leads = (): boolean => !ending.signal.aborted && (!config.leaderElection || lease?.isHeld() === true);
    if (leads())
      await prepare(ending.signal).catch((error: unknown) => {
        if (!ending.signal.aborted) throw error;
      });
    if (leads()) controller = startWorkers();
  })();

  return {
    lost: Promise.race([isLost, began.then(() => isLost)]),
    unhealthy: () => (lease === undefined || lease.isHeld() ? undefined : "the lease is not being renewed"),
    end: async () => {
      ending.abort();
      await began.catch(() => undefined);
      if (await drained(controller, config.drainMs)) await lease?.release();
    },
  };
}

/** Whether all work has ended; waits not much longer than `graceMs` for it. Never rejects. */
async function drained(controller: Controller | undefined, graceMs: number): Promise<boolean> {
  if (controller === undefined) return true;
  const tooLong = new AbortController();
  const ended = controller.drain(graceMs).then(
    () => true,
    () => false,
  );
  const given = delay(graceMs + ABORTING_MS, false, { signal: tooLong.signal }).catch(() => false);
  const hasEnded = await Promise.race([ended, given]);
  tooLong.abort();
  return hasEnded;
}
