import { createHash } from "node:crypto";
import { applies, type Fault, FAULTS } from "./faults.ts";
import type { Vendor } from "./lane.ts";
import type { Recording } from "./record.ts";
import { type Step, textOf } from "./steps.ts";

/** One step of one life that fails in one way. */
export interface Case {
  readonly vendor: Vendor;
  readonly life: string;
  readonly step: Step;
  readonly fault: Fault;
  /** How often in a row. */
  readonly times: number;
  /** The life without a fault. */
  readonly undisturbed: Pick<Recording, "requests" | "tookMs">;
}

/** Every case of a life, as it was recorded. */
export function casesOf(vendor: Vendor, life: string, { steps, requests, tookMs }: Recording): readonly Case[] {
  return steps
    .filter(isWorthIt)
    .flatMap((step) =>
      FAULTS.filter((fault) => applies(fault, vendor, step)).flatMap((fault) =>
        fault.times.map((times) => ({ vendor, life, step, fault, times, undisturbed: { requests, tookMs } })),
      ),
    );
}

/** Events are reported on the side: the first of a life stands for all. */
const isWorthIt = ({ path, nth }: Step): boolean => nth === 1 || !path.startsWith("events");

/** A number between 0 and 1 that depends on nothing but the case and the seed. */
function chanceOf({ vendor, life, step, fault, times }: Case, seed: number): number {
  const text = [seed, vendor, life, step.at, textOf(step), fault.name, times].join("|");
  return createHash("sha256").update(text).digest().readUInt32BE() / 4_294_967_296;
}

/** The `part`th of `parts` (from 1), the same whatever else was recorded. */
export const inPart = (cases: readonly Case[], seed: number, part: number, parts: number): readonly Case[] =>
  cases.filter((one) => Math.floor(chanceOf(one, seed) * parts) === part - 1);

/** So many of them, by chance, in an order by chance. */
export const sampled = (cases: readonly Case[], seed: number, count: number): readonly Case[] =>
  cases.toSorted((left, right) => chanceOf(left, seed) - chanceOf(right, seed)).slice(0, count);
