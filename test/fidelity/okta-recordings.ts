import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixturesFolder } from "./recordings.ts";

/** One real request with its answer. */
export interface OktaExchange {
  readonly name: string;
  readonly request: { readonly method: string; readonly url: string; readonly body?: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, readonly string[]>>;
    readonly body?: unknown;
  };
}

const FILE = "okta-exchanges.json";

export function readOktaExchanges(): readonly OktaExchange[] {
  const folder = fixturesFolder();
  if (folder === undefined || !existsSync(join(folder, FILE))) return [];
  const { interactions } = JSON.parse(readFileSync(join(folder, FILE), "utf8")) as {
    readonly interactions: readonly OktaExchange[];
  };
  return interactions;
}
