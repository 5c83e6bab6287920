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
  /** The recorder parsed and wrote the body again: what it does not know is gone. */
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
  return lines.filter((line) => line !== "").map((line) => withoutNulls(JSON.parse(line) as Exchange));
}

/** Some recorders write null, or an empty text, where there was no body. */
function withoutNulls({ request, response, ...exchange }: Exchange): Exchange {
  const isBody = (body: unknown): boolean => typeof body === "object" && body !== null;
  return {
    ...exchange,
    ...(isBody(request) && request !== undefined ? { request } : {}),
    ...(isBody(response) && response !== undefined ? { response } : {}),
  };
}

/** Values of the scopes that a real tenant's Management API declares. */
export function readManagementScopes(folder: string): ReadonlySet<string> {
  const list = JSON.parse(readFileSync(join(folder, "auth0-mgmt-api-scopes.json"), "utf8")) as readonly {
    readonly value: string;
  }[];
  return new Set(list.map(({ value }) => value));
}
