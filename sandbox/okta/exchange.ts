import { noMediaType, noRoute } from "./errors.ts";
import type { Org } from "./org.ts";
import type { Status } from "./state.ts";

export interface OktaIncoming {
  readonly method: string;
  /** Not decoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** As the header has it, with parameters. */
  readonly mediaType?: string | undefined;
  readonly authorization: string | undefined;
  /** The `DPoP` header; several of them come as one, with commas. */
  readonly dpop?: string | undefined;
  /** What the caller calls this server. */
  readonly host?: string;
  readonly nowMs: number;
}

/** `rest`: the parts of the path below the type, decoded. */
export type Call = Pick<OktaIncoming, "method" | "path" | "query" | "body" | "nowMs"> & {
  readonly rest: readonly string[];
};

export interface OktaOutgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenClient?: string;
}

export const json = (status: number, body?: unknown, links: readonly string[] = []): OktaOutgoing => ({
  status,
  body,
  headers: links.length === 0 ? {} : { link: links },
});
export const created = (body: object): OktaOutgoing => json(201, body);
export const done: OktaOutgoing = { status: 204, headers: {} };

export const withHeaders = (answer: OktaOutgoing, headers: OktaOutgoing["headers"]): OktaOutgoing => ({
  ...answer,
  headers: { ...headers, ...answer.headers },
});

/** Throws for a body of another type (at the token endpoint: not recorded). */
export function checkMediaType({ body, mediaType }: OktaIncoming, wanted: string): void {
  if (body !== undefined && mediaType?.startsWith(wanted) !== true) throw noMediaType();
}

/** Parts of a path, decoded. */
export function partsOf(path: string): readonly string[] {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch {
    throw noRoute();
  }
}

export function statusOf(verb: string | undefined): Status {
  if (verb === "activate") return "ACTIVE";
  if (verb === "deactivate") return "INACTIVE";
  throw noRoute();
}

/** `https://host` as the caller sees it; a host that is not the org's is taken for its first. */
export function seenUrl(org: Org, host: string | undefined): string {
  return host !== undefined && host === org.customDomain ? `https://${host}` : org.url;
}

/** Remembers what may be used once until it expires (milliseconds); false when it was used before. */
export function isFirstUse({ state }: Org, what: string, expiresMs: number, nowMs: number): boolean {
  for (const [used, expiry] of state.usedOnce) if (expiry < nowMs) state.usedOnce.delete(used);
  if (state.usedOnce.has(what)) return false;
  state.usedOnce.set(what, expiresMs);
  return true;
}
