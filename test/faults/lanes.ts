import type { Case } from "./cases.ts";
import { type Access, createLane, type Lane, type Vendor } from "./lane.ts";
import type { Life } from "./lives.ts";
import type { Recording } from "./record.ts";
import { disturbed, LIVES, type Outcome, removed, type Standing, undisturbed } from "./run.ts";

export interface Judged {
  readonly one: Case;
  readonly outcome: Outcome;
}

/** A lane that is replaced by a fresh one when a case has spoilt it. */
export interface Series {
  /** What happens in each life without a fault, once everything that is fetched only once has been. */
  record(lives: readonly Life[]): Promise<ReadonlyMap<string, Recording>>;
  run(one: Case): Promise<Judged>;
  end(): Promise<void>;
}

export function createSeries(vendor: Vendor, access: Access): Series {
  let lane: Lane | undefined;
  let standing: Standing | undefined;
  const current = async (): Promise<Lane> => (lane ??= await createLane(vendor, access));
  const discard = async (): Promise<void> => {
    const spoilt = lane;
    [lane, standing] = [undefined, undefined];
    await spoilt?.end();
  };
  /** What stands for this life; what stands for another is removed. */
  const standingFor = async (name: string): Promise<Standing | undefined> => {
    if (standing === undefined || standing.life.name === name) return standing;
    const { wish } = standing;
    standing = undefined;
    await removed(await current(), wish.n);
    return undefined;
  };
  return {
    record: async (lives) => {
      const recordings = new Map<string, Recording>();
      // The first life fetches what is kept from then on.
      for (const life of [...lives.slice(0, 1), ...lives]) {
        const lived = await undisturbed(await current(), life, await standingFor(life.name));
        standing = lived.standing;
        recordings.set(life.name, lived.recording);
      }
      return recordings;
    },
    run: async (one) => {
      try {
        const life = LIVES.find(({ name }) => name === one.life);
        if (life === undefined) throw new Error(`no life ${one.life}`);
        const lived = await disturbed(await current(), life, one, await standingFor(one.life));
        standing = lived.standing;
        if (lived.outcome.kind === "failed") await discard();
        return { one, outcome: lived.outcome };
      } catch (error) {
        await discard();
        return { one, outcome: { kind: "failed", problems: [String(error)], log: [], extra: 0, tookMs: 0 } };
      }
    },
    end: discard,
  };
}
