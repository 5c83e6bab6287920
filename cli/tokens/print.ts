import { durationText } from "../../src/kinds/schema/duration.ts";
import type { TokenContent, Verdict } from "./check.ts";

/** What `token` shows. */
export interface TokenView {
  readonly client: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly content: TokenContent | undefined;
  readonly verdict: Verdict;
}

/** Claims that are times, in seconds since the epoch. */
const TIMES: ReadonlySet<string> = new Set(["iat", "exp", "nbf", "auth_time"]);

/** Header and claims, one a line, and the verdict. The signature is not shown, so that the text is no credential. */
export function tokenText({ client, audience, lifetimeSeconds, content, verdict }: TokenView): string {
  return [
    `Token of ${client} for ${audience}`,
    ...(content === undefined
      ? []
      : ["", "Header", ...members(content.header), "", "Claims", ...members(content.claims)]),
    "",
    `Lifetime: ${durationText(lifetimeSeconds)}`,
    `${verdict.result === "NotChecked" ? "Not checked" : verdict.result}: ${verdict.message}`,
  ].join("\n");
}

function members(values: Readonly<Record<string, unknown>>): readonly string[] {
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  return Object.entries(values).map(([name, value]) => `  ${name.padEnd(width)}  ${valueText(name, value)}`);
}

function valueText(name: string, value: unknown): string {
  // A tenant's text must not move the cursor of a terminal.
  if (typeof value === "string") return /\p{Cc}/u.test(value) ? JSON.stringify(value) : value;
  const text = JSON.stringify(value);
  return TIMES.has(name) && typeof value === "number" ? `${text} (${new Date(value * 1000).toISOString()})` : text;
}
