import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One real request with its answer. */
export interface Exchange {
  readonly src: string;
  readonly file: string;
  readonly i: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly response?: Readonly<Record<string, unknown>>;
  /** The recorder parsed and wrote the body anew: what it does not know is gone. */
  readonly response_reserialised_by_recorder?: boolean;
}

const FILE = "auth0-exchanges.jsonl";

/** They are not part of the project: a folder beside it, or the one that is named. */
export function fixturesFolder(): string | undefined {
  const folder = process.env["FIDELITY_FIXTURES"] ?? join(import.meta.dirname, "../../../shared/fixtures");
  return existsSync(join(folder, FILE)) ? folder : undefined;
}

export function readExchanges(folder: string): readonly Exchange[] {
  const lines = readFileSync(join(folder, FILE), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Exchange);
}

/** APIs, clients and client grants; not yet credentials and organizations below them. */
export function isSimulated({ path }: Exchange): boolean {
  const [, , , type = "", , below = ""] = path.replace(/\?.*/, "").split("/");
  if (type === "resource-servers") return true;
  if (type === "clients") return below === "" || below === "rotate-secret";
  return type === "client-grants" && below === "";
}
