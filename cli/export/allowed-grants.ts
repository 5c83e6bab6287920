import type { ListedApi } from "../../src/ports/provider.ts";
import type { WrittenGrant } from "./grants.ts";
import { inOrder } from "./manifest.ts";
import type { Placed } from "./plan.ts";

interface AllowedGrant {
  readonly namespaces: object;
  /** Absent: all. */
  readonly scopes?: readonly string[];
}

/** Largest lists of an OAuthApi. */
const MAX_RULES = 50;
const MAX_NAMES = 100;

/** Consent for the clients of other namespaces: what they have, and nothing else. */
export function allowedGrantsOf(api: Placed<ListedApi>, grants: readonly WrittenGrant[]): readonly AllowedGrant[] {
  const foreign = grants.filter((one) => one.api === api && one.client.namespace !== api.namespace);
  const spaces = [...Map.groupBy(foreign, ({ client }) => client.namespace)].sort(([a], [b]) => inOrder(a, b));
  if (spaces.length <= MAX_RULES) return spaces.map(([namespace, own]) => rule([namespace], own));
  const names = spaces.map(([namespace]) => namespace);
  return Array.from({ length: Math.ceil(names.length / MAX_NAMES) }, (_, index) =>
    rule(names.slice(index * MAX_NAMES, (index + 1) * MAX_NAMES), foreign),
  );
}

function rule(names: readonly string[], grants: readonly WrittenGrant[]): AllowedGrant {
  const namespaces = { from: "Names", names };
  if (grants.some(({ spec }) => spec["allScopes"] === true)) return { namespaces };
  const scopes = new Set(grants.flatMap(({ spec }) => spec["scopes"] as readonly string[]));
  return { namespaces, scopes: [...scopes].sort(inOrder) };
}
