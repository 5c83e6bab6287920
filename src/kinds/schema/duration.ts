import { z } from "zod";
import { withRules } from "./rules.ts";

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** Milliseconds of a Go duration made of whole hours, minutes and seconds (`1h30m`); `NaN` for anything else. */
export function durationMs(text: string): number {
  if (!/^(\d+[hms])+$/.test(text)) return Number.NaN;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+)([hms])/g))
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  return total;
}

/** A duration for people: `1h`, `1h30m`, `45s`. `seconds`: whole, at least 0. */
export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "m"],
    [seconds % 60, "s"],
  ] as const;
  const text = parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${String(amount)}${unit}`])).join("");
  return text === "" ? "0s" : text;
}

/** A duration within bounds, as people write it in Kubernetes: `30s`, `10m`, `1h30m`. */
export function duration(min: string, max: string) {
  return withRules(z.string().min(2).max(20), [
    {
      // As a pattern of the schema, what is no duration would be refused without this message.
      rule: `self.matches('^([0-9]+[hms])+$') && duration(self) >= duration("${min}") && duration(self) <= duration("${max}")`,
      message: `must be a duration between ${min} and ${max}, for example 1h30m`,
      holds: (value) => durationMs(value) >= durationMs(min) && durationMs(value) <= durationMs(max),
    },
  ]);
}
