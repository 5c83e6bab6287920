import { isDeepStrictEqual } from "node:util";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import type { Capabilities, ListedApi, ListedClient } from "../../src/ports/provider.ts";
import type { WrittenGrant } from "./grants.ts";
import { defined, inOrder } from "./manifest.ts";
import type { Placed } from "./plan.ts";

type Rule = Readonly<Record<string, unknown>>;

/** What resources of one namespace do at the tenant. */
interface Needs {
  readonly audiences: readonly string[];
  readonly clients: readonly string[];
  readonly externals: ReadonlyMap<string, ReadonlySet<string>>;
  readonly organizations: readonly string[];
}

export interface Exported {
  readonly apis: readonly Placed<ListedApi>[];
  readonly clients: readonly Placed<ListedClient>[];
  readonly grants: readonly WrittenGrant[];
}

/** Largest lists that one rule can have. */
const MAX = { audiences: 100, clients: 1000, externals: 50, organizations: 1000 } as const;

/** The rules that let the exported resources adopt what they name, and nothing else. */
export function allowRules(
  exported: Exported,
  { metadata, spec }: ProviderResource,
  { organizations }: Pick<Capabilities, "organizations">,
): readonly Rule[] {
  const isNamespaced = metadata.namespace !== undefined;
  // As long as a namespaced provider has no rule, its namespace may claim everything. That stays so.
  const isOpen = isNamespaced && (spec.allow ?? []).every((rule) => rule.audiences === undefined);
  const places = [...exported.apis, ...exported.clients].map(({ namespace }) => namespace);
  return [...new Set(places)].sort(inOrder).flatMap((namespace) =>
    rulesFor(needsOf(exported, namespace), {
      namespaces: isNamespaced ? undefined : { from: "Names", names: [namespace] },
      isOpen,
      organizations,
    }),
  );
}

function needsOf({ apis, clients, grants }: Exported, namespace: string): Needs {
  const own = grants.filter(({ client }) => client.namespace === namespace);
  const externals = new Map<string, Set<string>>();
  for (const { api, grant, spec } of own)
    if (api === undefined)
      externals.set(
        grant.audience,
        new Set([...(externals.get(grant.audience) ?? []), ...(spec["scopes"] as readonly string[])]),
      );
  const holders = clients.filter((client) => client.namespace === namespace);
  const named = own.flatMap(
    ({
      grant: {
        organizations: { usage, any, ids = [] },
      },
    }) => (usage === "Deny" ? [] : [...(any ? ["*"] : []), ...ids]),
  );
  const defaults = holders.flatMap(({ listed: { defaultOrganization: id } }) => (id === undefined ? [] : [id]));
  return {
    audiences: sorted(apis.filter((api) => api.namespace === namespace).map(({ listed }) => listed.audience)),
    clients: sorted(holders.map(({ listed }) => listed.clientId)),
    externals,
    organizations: sorted([...named, ...defaults]),
  };
}

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort(inOrder);

/** As many rules as the lists need: each has a part of every list. */
function rulesFor(
  { audiences, clients, externals, organizations }: Needs,
  how: { readonly namespaces: object | undefined; readonly isOpen: boolean; readonly organizations: boolean },
): readonly Rule[] {
  const external = [...externals]
    .map(([audience, scopes]) => ({ audience, scopes: sorted([...scopes]) }))
    .sort((a, b) => inOrder(a.audience, b.audience));
  const parts = {
    ...{ audiences: chunks(audiences, MAX.audiences), clients: chunks(clients, MAX.clients) },
    ...{ external: chunks(external, MAX.externals), organizations: chunks(organizations, MAX.organizations) },
  };
  const count = Math.max(...Object.values(parts).map(({ length }) => length));
  return Array.from({ length: count }, (_, index) =>
    defined({
      namespaces: how.namespaces,
      // A rule that does not name audiences or organizations allows all of them.
      audiences: how.isOpen ? undefined : (parts.audiences[index] ?? []),
      organizations: how.isOpen || !how.organizations ? undefined : (parts.organizations[index] ?? []),
      externalAudiences: parts.external[index],
      adopt: defined({
        clients: parts.clients[index],
        audiences: parts.audiences[index],
        shareCredential: parts.clients[index] === undefined ? undefined : true,
      }),
    }),
  );
}

const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** The rules that are there, without those that say no more than the new ones, and the new ones behind them. */
export function mergedRules(present: readonly Rule[], added: readonly Rule[]): readonly Rule[] {
  const isCovered = (rule: Rule): boolean => added.some((other) => covers(other, rule));
  return [...present.filter((rule) => !isCovered(rule)), ...added];
}

/** Whether a rule allows at least what another one does, member by member. */
function covers(rule: Rule, other: Rule): boolean {
  if (!isDeepStrictEqual(rule["namespaces"], other["namespaces"])) return false;
  const [adopt, otherAdopt] = [(rule["adopt"] ?? {}) as Rule, (other["adopt"] ?? {}) as Rule];
  return (
    (["audiences", "organizations"] as const).every((name) => isWithin(other[name], rule[name], true)) &&
    isWithin(other["externalAudiences"], rule["externalAudiences"], false) &&
    (["clients", "audiences"] as const).every((name) => isWithin(otherAdopt[name], adopt[name], false)) &&
    (otherAdopt["shareCredential"] !== true || adopt["shareCredential"] === true)
  );
}

/** `isAllWhenUnset`: a list that is not set means everything, else nothing. */
function isWithin(list: unknown, of: unknown, isAllWhenUnset: boolean): boolean {
  if (of === undefined && isAllWhenUnset) return true;
  if (list === undefined) return !isAllWhenUnset;
  const all = (of ?? []) as readonly unknown[];
  return (list as readonly unknown[]).every((item) => all.some((other) => isDeepStrictEqual(item, other)));
}
