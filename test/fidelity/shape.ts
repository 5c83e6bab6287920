import type { Exchange } from "./recordings.ts";

/** Types by key, all the way down; a list is the shape of its first element. Values, ids and dates do not count. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, shapeOf(member)]),
  );
}

/** What the recorder's own types do not know and so dropped, and what it added. */
const DROPPED = new Set([
  "tenant",
  "global",
  "callback_url_template",
  "encrypted",
  "cross_origin_auth",
  "signing_keys",
]);
const ADDED = new Set(["length", "next"]);
/** Maps of the user's own keys, and lists whose length is the tenant's. */
const FREE = new Set(["client_metadata"]);

/** The parts of an answer that can be compared at all. */
export function comparable(body: unknown, exchange: Exchange): unknown {
  if (exchange.status >= 400 && exchange.response_reserialised_by_recorder === true) return undefined;
  if (exchange.status === 204) return undefined;
  if (exchange.status >= 400 && Object.keys(exchange.response ?? {}).length === 0) return undefined;
  const isReserialised = exchange.response_reserialised_by_recorder === true;
  const compared = without(body, isReserialised);
  // This recorder writes a redacted secret whether there was one or not.
  return isReserialised && exchange.src === "go-auth0 v1" ? withoutSecret(compared) : compared;
}

function withoutSecret(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== "client_secret"));
}

function without(value: unknown, isReserialised: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, isReserialised));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !isReserialised || !(DROPPED.has(key) || ADDED.has(key)));
  return Object.fromEntries(kept.map(([key, member]) => [key, FREE.has(key) ? {} : without(member, isReserialised)]));
}
