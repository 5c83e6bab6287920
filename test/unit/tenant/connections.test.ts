import { describe, expect, it } from "vitest";
import type { Provider } from "../../../src/ports/provider.ts";
import { type Connection, createConnections } from "../../../src/tenant/connections.ts";

const at = (minutes: number): Date => new Date(Date.parse("2026-01-01T00:00:00Z") + minutes * 60_000);
const TROUBLE = { kind: "wait", reason: "ProviderUnavailable", message: "" } as const;

const connectionOf = (readAt: Date | undefined): Connection => ({
  provider: { refreshedAt: () => readAt, close: () => undefined } as unknown as Provider,
  madeFrom: "",
  connectedAt: at(0),
  probe: undefined,
  probedAt: undefined,
});

describe("what is known of a tenant", () => {
  it("outlives its connection: when it was read last", () => {
    const connections = createConnections();
    expect(connections.lastReadAt("uid")).toBeUndefined();
    connections.set("uid", connectionOf(at(1)));
    expect(connections.lastReadAt("uid")).toEqual(at(1));
    connections.set("uid", connectionOf(undefined));
    expect(connections.lastReadAt("uid")).toEqual(at(1));
    connections.set("uid", connectionOf(at(2)));
    connections.remove("uid");
    expect(connections.lastReadAt("uid")).toEqual(at(2));
  });
  it("says since when it fails, until it was read", () => {
    const connections = createConnections();
    connections.fail("uid", TROUBLE, at(1));
    connections.fail("uid", TROUBLE, at(2));
    connections.set("uid", connectionOf(undefined));
    expect(connections.failureOf("uid")).toMatchObject({ since: at(1), lastAt: at(2) });
    connections.succeed("uid");
    expect(connections.failureOf("uid")).toBeUndefined();
    connections.fail("uid", TROUBLE, at(3));
    expect(connections.failureOf("uid")).toMatchObject({ since: at(3), lastAt: at(3) });
  });
  it("is forgotten with the provider object", () => {
    const connections = createConnections();
    connections.set("uid", connectionOf(at(1)));
    connections.fail("uid", TROUBLE, at(2));
    connections.doubt("uid", at(3));
    connections.forget("uid");
    expect(connections.get("uid")).toBeUndefined();
    expect(connections.lastReadAt("uid")).toBeUndefined();
    expect(connections.failureOf("uid")).toBeUndefined();
    expect(connections.doubtedAt("uid")).toBeUndefined();
    expect(connections.size()).toBe(0);
  });
});
