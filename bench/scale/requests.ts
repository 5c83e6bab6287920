import type { Document } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { type Entry, isRead, isWrite } from "./audit.ts";
import type { Stand } from "./stand.ts";

/** Finalizer, status, what is published, and the Event count as writes of the resource; a Secret is its client's. */
const RESOURCES = {
  OAuthApi: { resources: /^(oauthapis(\/|$)|configmaps$)/, writes: 3, reads: 0 },
  M2MClient: { resources: /^(m2mclients(\/|$)|secrets$)/, writes: 5, reads: 1 },
  ScopeGrant: { resources: /^scopegrants(\/|$)/, writes: 3, reads: 0 },
} as const;

const isEventOf =
  (kind: string) =>
  ({ resource, body }: Entry): boolean =>
    resource === "events" && (body as { readonly regarding?: { readonly kind?: string } }).regarding?.kind === kind;

/**
 * Requests to the API server by verb, then writes and reads per resource of each kind, Leases and watches left out. A
 * client that waits for its grants has more to say than one alone, so that only the latter is held to a bound.
 */
export function requestRows(
  { row, size }: Stand,
  entries: readonly Entry[],
  documents: readonly Document[],
): readonly Row[] {
  const verbs = [...Map.groupBy(entries, ({ verb, resource }) => `${verb} ${resource}`)].sort();
  const perKind = Object.entries(RESOURCES).flatMap(([kind, { resources, writes, reads }]) => {
    const members = documents.filter((document) => document.kind === kind);
    if (members.length === 0) return [];
    // Somebody edits the first API meanwhile, which takes more than creating it.
    const edited = kind === "OAuthApi" ? members[0]?.metadata : undefined;
    const count = members.length - (edited === undefined ? 0 : 1);
    const isEvent = isEventOf(kind);
    const isBound = kind !== "M2MClient" || size.grants === 0;
    const own = entries.filter(
      (entry) =>
        (resources.test(entry.resource) || isEvent(entry)) &&
        !(entry.name === edited?.name && entry.namespace === edited.namespace),
    );
    return [
      row(
        `writes per ${kind}, its Event included`,
        own.filter(isWrite).length / count,
        "writes",
        isBound ? writes : undefined,
      ),
      row(`reads per ${kind}`, own.filter(isRead).length / count, "reads", isBound ? reads : undefined),
    ];
  });
  return [
    row("requests to the API server per resource", entries.length / documents.length, "requests"),
    ...verbs.map(([verb, group]) => row(`requests: ${verb}`, group.length, "requests")),
    ...perKind,
    row("requests refused", entries.filter(({ code }) => code >= 400).length, "requests"),
  ];
}
