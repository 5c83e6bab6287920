import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { heldBy, heldRevocation } from "../../../../src/kinds/access/revocations.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";

const grantOf = (name: string, externalId: string | undefined, namespace = "payroll"): ScopeGrant =>
  ({
    kind: "ScopeGrant",
    metadata: { namespace, name, uid: `uid-${name}` },
    spec: { clientRef: { name }, apiRef: { name } },
    status: { externalId, providerRef: {} },
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
      m2mClients: { get: () => undefined, byIndex: () => [] },
      oAuthApis: { get: () => undefined, byIndex: () => [] },
    },
    settings: { maxRevocations: max },
    memory: { revocations: new Map() },
    now: () => new Date(now),
    sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  };
  const ask = (grant: ScopeGrant): string | undefined =>
    heldRevocation(
      context as unknown as Parameters<typeof heldRevocation>[0],
      { object, rules } as unknown as Parameters<typeof heldRevocation>[1],
      grant,
    );
  const told = () =>
    heldBy(
      context as unknown as Parameters<typeof heldBy>[0],
      { object, rules } as unknown as Parameters<typeof heldBy>[1],
      object as unknown as Parameters<typeof heldBy>[2],
    );
  return {
    labelled,
    ask,
    told,
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

  it("is told to the owner of the object that no longer consents, with the number and what confirms it", () => {
    const { ask, told, digest, labelled, later } = world([A, B]);
    ask(A);
    const [{ message = "", ...confirmation } = {}, ...others] = told();
    expect(message).toContain("no longer consents to 2 grants");
    expect(message).toContain(`m2m-operator.io/confirm-revocations: "${digest(A)}"`);
    expect(confirmation).toEqual({ annotation: "m2m-operator.io/confirm-revocations", value: digest(A) });
    expect(others).toEqual([]);
    labelled.add("payroll");
    later();
    expect(told()).toEqual([]);
  });

  it("counts grants at the tenant, not the ScopeGrants that request them", () => {
    const pair = Array.from({ length: 22 }, (_, index) => grantOf(`n${String(index)}`, "1"));
    expect(world(pair).ask(pair[0] ?? A)).toBeUndefined();
  });

  it("does not hold what another withdrawal would remove", () => {
    const other = grantOf("d", "4", "billing");
    const { ask, digest, labelled, later } = world([A, B, other]);
    labelled.add("billing");
    expect(ask(A)).toContain("2 grants");
    const first = digest(A);
    labelled.delete("billing");
    later();
    expect(ask(other)).toBeUndefined();
    expect(digest(B)).toBe(first);
  });

  it("stays held when consent is given back for some of its grants", () => {
    const grants = [A, B];
    const { ask, later } = world(grants);
    expect(ask(A)).toContain("2 grants");
    grants[0] = grantOf("a", undefined);
    later();
    expect(ask(B)).toContain("no longer consents to 2 grants at once (1 left),");
  });

  it("needs another confirmation for a grant that was given back and made again", () => {
    const grants = [A, B];
    const { ask, digest, confirm, labelled, later } = world(grants);
    const first = digest(A);
    labelled.add("payroll");
    expect(ask(A)).toBeUndefined();
    grants.splice(0, 2, grantOf("a", "5"), grantOf("b", "6"));
    labelled.delete("payroll");
    confirm(first);
    later();
    const [again = A] = grants;
    expect(ask(again)).toContain("confirm-revocations");
    expect(digest(again)).not.toBe(first);
  });

  it("is confirmed for one object only", () => {
    const { ask, confirm, digest } = world([A, B]);
    const others = createHash("sha256").update("another").digest("hex").slice(0, 16);
    confirm(others);
    expect(digest(A)).not.toBe(others);
    expect(ask(A)).toContain("confirm-revocations");
  });
});
