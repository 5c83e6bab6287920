import { expect, it } from "vitest";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { apply } from "../../../../src/kinds/scope-grant/apply.ts";
import type { Action } from "../../../../src/kinds/scope-grant/model.ts";
import type { GrantObserved } from "../../../../src/kinds/scope-grant/observe.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";
import type { Ref } from "../../../../src/ports/provider.ts";
import { held, NOW, observed } from "./reported.ts";

const ref = "grant-1" as Ref;
const token = { audience: "https://a", scopes: ["read", "write"], lifetime: "1h", organizationUsage: "Allow" as const };
const update = (change: Extract<Action, { type: "updateGrant" }>["change"]): Action => ({
  type: "updateGrant",
  ref,
  change,
});
const both = update({ scopes: ["read", "write"] });
const holds = (scopes: readonly string[], change: object = {}) => ({
  remote: { ...held, grant: { ...(held as { grant: object }).grant, scopes, ...change } },
});
const wants = (...granted: string[]) => ({ own: { granted, unknown: [] }, togetherGranted: granted });
const ofEverybody = (...grantedScopes: string[]): Partial<ScopeGrant> =>
  ({
    ...{ metadata: { name: "all", namespace: "payroll" }, spec: { allClients: true } },
    status: { grantedScopes },
  }) as unknown as ScopeGrant;
const peers = { api: { metadata: { name: "timesheets", namespace: "payroll" } } };
const create: Action = {
  ...{ type: "createGrant", client: "c" as Ref, api: { ref: "a" as Ref, audience: "https://a" } },
  scopes: ["read"],
};

interface Case {
  readonly action: Action;
  readonly seen?: object;
  readonly everybodys?: readonly Partial<ScopeGrant>[];
  readonly metadata?: object;
  readonly status?: object;
}

async function told({ action, seen = {}, everybodys = [], metadata = {}, status }: Case): Promise<readonly string[]> {
  const notes: string[] = [];
  const context = {
    resources: { scopeGrants: { byIndex: () => everybodys } },
    events: {
      record: (_of: unknown, type: string, reason: string, note: string) => notes.push(`${type} ${reason}: ${note}`),
    },
  } as unknown as KindContext;
  const grants = { update: () => Promise.resolve(), create: () => Promise.resolve({ ref }) };
  const resource = {
    kind: "ScopeGrant",
    metadata: { name: "job", ...metadata },
    spec: {},
    status: status ?? { token, grantedScopes: token.scopes },
  };
  const now = { ...observed, peers, standing: { provider: { grants } }, ...seen };
  await apply(context, resource as unknown as ScopeGrant, now as unknown as GrantObserved, action);
  return notes;
}

const reverted = (fields: string): string =>
  `Normal DriftReverted: The grant on https://a was changed at the provider: ${fields}. The operator restored what the spec says.`;

it.each<[string, Case, readonly string[]]>([
  ["a scope that somebody removed", { action: both, seen: holds(["read"]) }, [reverted("scopes")]],
  ["a scope that somebody added", { action: both, seen: holds(["read", "write", "admin"]) }, [reverted("scopes")]],
  [
    "a grant that somebody made one of all scopes",
    { action: both, seen: holds([], { allScopes: true }) },
    [reverted("scopes")],
  ],
  ["a lifetime that somebody changed", { action: update({ lifetimeSeconds: 3600 }) }, [reverted("tokenLifetime")]],
  [
    "organizations that somebody changed",
    {
      action: update({ organizations: { usage: "Allow" } }),
      seen: { pair: { ...observed.pair, organizations: { usage: "Allow" } } },
    },
    [reverted("organizations")],
  ],
  [
    "a scope that another ScopeGrant requests now",
    { action: update({ scopes: ["more", "read", "write"] }), seen: wants("more", "read", "write") },
    [],
  ],
  ["a scope that consent no longer allows", { action: update({ scopes: ["read"] }), seen: wants("read") }, []],
  [
    "a scope that goes with the resource",
    { action: update({ scopes: ["read"] }), metadata: { deletionTimestamp: NOW.toISOString() } },
    [],
  ],
  ["a scope that its own consent no longer covers", { action: update({ scopes: ["read"] }) }, []],
  [
    "a scope that all clients get now",
    { action: update({ scopes: ["all", "read", "write"] }), everybodys: [ofEverybody("all")] },
    [],
  ],
  [
    "a scope that all clients are about to lose",
    { action: both, seen: holds(["all", "read", "write"]), everybodys: [ofEverybody("all")] },
    [],
  ],
  ["a lifetime that the spec changed", { action: update({ lifetimeSeconds: 600 }) }, []],
  [
    "a grant that somebody deleted",
    { action: create },
    ["Normal Recreated: The grant of read on https://a was deleted at the provider. The operator created it again."],
  ],
  ["a first grant", { action: create, status: {} }, []],
])("%s leaves an event, or none", async (_what, setting, expected) => {
  expect(await told(setting)).toEqual(expected);
});
