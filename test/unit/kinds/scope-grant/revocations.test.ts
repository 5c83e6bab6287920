import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { heldRevocation } from "../../../../src/kinds/scope-grant/revocations.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";

const grantOf = (name: string, externalId: string | undefined, namespace = "payroll"): ScopeGrant =>
  ({
    kind: "ScopeGrant",
    metadata: { namespace, name, uid: `uid-${name}` },
    spec: { clientRef: { name }, apiRef: { name } },
    status: { externalId },
  }) as unknown as ScopeGrant;

/** A cluster where no namespace has the label that the provider asks for, unless `labelled` names it. */
function world(grants: ScopeGrant[], { max = 1 } = {}) {
  const labelled = new Set<string>();
  const annotations: Record<string, string> = {};
  const object = {
    kind: "ClusterIdentityProvider",
    metadata: { name: "default", uid: "uid-provider", generation: 1, annotations },
  };
  const selector = { matchLabels: { team: "payroll" } };
  const rules = { scope: "cluster", namespace: "", allow: [{ namespaces: { from: "Selector", selector } }] };
  let now = 0;
  const context = {
    namespaces: { get: (name: string) => ({ name, labels: labelled.has(name) ? selector.matchLabels : {} }) },
    resources: {
      scopeGrants: { byIndex: () => grants },
      m2mClients: { get: () => undefined },
      oAuthApis: { get: () => undefined },
    },
    settings: { maxRevocations: max },
    memory: { revocations: new Map() },
    now: () => new Date(now),
    sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  };
  const peers = { client: undefined, api: undefined, external: undefined };
  const ask = (grant: ScopeGrant): string | undefined =>
    heldRevocation(
      context as unknown as Parameters<typeof heldRevocation>[0],
      { object, rules } as unknown as Parameters<typeof heldRevocation>[1],
      grant,
      peers,
    );
  return {
    labelled,
    ask,
    digest: (grant: ScopeGrant) => /"([0-9a-f]{16})"/.exec(ask(grant) ?? "")?.[1] ?? "",
    confirm: (value: string) => {
      annotations["m2m-operator.io/confirm-revocations"] = value;
    },
    /** What was put together counts as old from now on. */
    later: () => {
      now += 10_000;
    },
  };
}

const [A, B, C] = [grantOf("a", "1"), grantOf("b", "2"), grantOf("c", "3")] as const;

describe("a withdrawal of more grants than allowed at once", () => {
  it("is held, and the message says what to set where", () => {
    const { ask, digest } = world([A, B]);
    expect(ask(A)).toContain("ClusterIdentityProvider default no longer consents to 2 grants");
    expect(ask(A)).toContain(`m2m-operator.io/confirm-revocations: "${digest(A)}"`);
    expect(digest(B)).toBe(digest(A));
  });

  it("is not held below the limit, nor where consent stands", () => {
    expect(world([A], { max: 1 }).ask(A)).toBeUndefined();
    const allowed = world([A, B]);
    allowed.labelled.add("payroll");
    expect(allowed.ask(A)).toBeUndefined();
  });

  it("goes ahead once these grants are confirmed, until the last of them is gone", () => {
    const grants = [A, B, C];
    const { ask, digest, confirm, later } = world(grants);
    confirm(digest(A));
    expect(ask(A)).toBeUndefined();
    grants[0] = grantOf("a", undefined);
    later();
    expect(ask(B)).toBeUndefined();
    expect(ask(C)).toBeUndefined();
  });

  it.each<[string, (grants: ScopeGrant[]) => void]>([
    ["one more grant", (grants) => grants.push(C)],
    ["another grant of the same name", (grants) => (grants[1] = { ...B, metadata: { ...B.metadata, uid: "other" } })],
    ["a grant that was given back and made again", (grants) => (grants[1] = grantOf("b", "4"))],
  ])("needs another confirmation for %s", (_what, change) => {
    const grants = [A, B];
    const before = world(grants);
    const first = before.digest(A);
    change(grants);
    before.confirm(first);
    before.later();
    const changed = grants.at(-1) ?? A;
    expect(before.ask(changed)).toContain("confirm-revocations");
    expect(before.digest(changed)).not.toBe(first);
  });

  it("is confirmed for one object only", () => {
    const { ask, confirm, digest } = world([A, B]);
    const others = createHash("sha256").update("another").digest("hex").slice(0, 16);
    confirm(others);
    expect(digest(A)).not.toBe(others);
    expect(ask(A)).toContain("confirm-revocations");
  });
});
