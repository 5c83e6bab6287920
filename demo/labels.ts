import { STATUS_CODES } from "node:http";

/** A request that a tenant answered. */
export type Answered = Readonly<Record<"method" | "path", string> & { status: number }>;

/** Numbers of objects at a tenant, by the words that its vendor has for them. */
export type Counts = Readonly<Record<string, number>>;

const VERBS: Readonly<Record<string, string>> = { GET: "read", POST: "create", DELETE: "delete" };

/** "create  POST /api/v2/clients: 201 Created". */
export function labelOf({ method, path, status }: Answered): string {
  const verb = /\/token$/.test(path) ? "token" : (VERBS[method] ?? "update");
  return `${verb.padEnd(6)}  ${method} ${path}: ${String(status)} ${STATUS_CODES[status] ?? ""}`.trimEnd();
}

/** "0 APIs, 1 client, 2 grants". The names are plurals. */
export const countsText = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${String(count)} ${count === 1 ? name.replace(/ies$/, "y").replace(/s$/, "") : name}`)
    .join(", ");
