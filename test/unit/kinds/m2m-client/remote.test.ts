import { describe, expect, it } from "vitest";
import type { Desired } from "../../../../src/kinds/m2m-client/model.ts";
import { observeRemote } from "../../../../src/kinds/m2m-client/remote.ts";
import type { Mark } from "../../../../src/ports/mark.ts";
import type { Clients, ObservedClient, Ref } from "../../../../src/ports/provider.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const OWNER = { instance: "one", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" };
const OURS: Mark = { ...OWNER, origin: "made", nonce: "0".repeat(16) };
const EARLIER: Mark = { ...OURS, uid: "22222222-2222-2222-2222-222222222222" };
const OTHERS: Mark = { ...EARLIER, object: "fedcba9876543210" };

const clientOf = (id: string, mark?: Mark): ObservedClient => ({
  ref: id as Ref,
  clientId: id,
  displayName: id,
  description: undefined,
  metadata: {},
  authenticationMethod: "client_secret_post",
  mark,
  secrets: [],
  keyRefs: [],
  tokenQuota: undefined,
  defaultOrganization: undefined,
  isEnabled: true,
  isService: true,
  isServiceType: true,
  isSystem: false,
  readAt: NOW,
});

/** A tenant with these clients, as its listing shows them. */
function tenantOf(...clients: readonly ObservedClient[]): Clients {
  const whose = (holds: (mark: Mark) => boolean) =>
    Promise.resolve(clients.filter(({ mark }) => mark !== undefined && holds(mark)));
  return {
    get: (ref: Ref) => Promise.resolve(clients.find((client) => client.ref === ref)),
    findByClientId: (id: string) => Promise.resolve(clients.find(({ clientId }) => clientId === id)),
    findByOwner: (instance: string, uid: string) => whose((mark) => mark.instance === instance && mark.uid === uid),
    findByOwnerSince: (instance: string, uid: string) =>
      whose((mark) => mark.instance === instance && mark.uid === uid),
    findByObject: (instance: string, object: string) =>
      whose((mark) => mark.instance === instance && mark.object === object),
  } as unknown as Clients;
}

const seen = async (
  clients: readonly ObservedClient[],
  status: Parameters<typeof observeRemote>[2],
  wanted: Partial<Desired> = {},
): Promise<string> => {
  const desired = { owner: OWNER, isAdopting: false, clientId: undefined, ...wanted } as Desired;
  const timing = { providerTimeoutMs: 1, settleMs: 1 };
  const known = { stateClientId: undefined, timing, adoptableSince: undefined, now: NOW };
  const remote = await observeRemote(tenantOf(...clients), desired, status, known);
  const duplicates = "duplicates" in remote ? remote.duplicates.map((ref) => ` without ${ref}`).join("") : "";
  return "client" in remote ? `${remote.kind} ${remote.client?.ref ?? "nothing"}${duplicates}` : remote.kind;
};

describe("the client of a resource", () => {
  const note = { key: "a", nonce: "0".repeat(16), at: "2025-01-01T00:00:00Z" };
  it.each<[string, string, readonly ObservedClient[], Parameters<typeof seen>[1], Partial<Desired>?]>([
    ["is the recorded one with our mark", "found a", [clientOf("a", OURS)], { externalId: "a" }],
    ["is not a recorded one without a mark", "notOurs a", [clientOf("a")], { externalId: "a" }],
    [
      "is a recorded one that lost its mark, as status proves",
      "found a",
      [clientOf("a")],
      { externalId: "a", proof: "p" },
    ],
    ["is not a recorded one of others", "notOurs a", [clientOf("a", OTHERS)], { externalId: "a", proof: "p" }],
    ["is not one that a forged note is about", "absent", [clientOf("a")], { pendingCreate: note }],
    [
      "is the marked one, whatever status records",
      "found b",
      [clientOf("a"), clientOf("b", OURS)],
      { externalId: "a" },
    ],
    [
      "is the marked one before one that only status proves, which is left alone",
      "found b",
      [clientOf("a"), clientOf("b", OURS)],
      { externalId: "a", proof: "p" },
    ],
    [
      "may be adopted when status records it without proof",
      "adoptable a",
      [clientOf("a")],
      { externalId: "a", origin: "Adopted" },
      { isAdopting: true, clientId: "a" },
    ],
    [
      "may be an earlier resource's, recorded or not",
      "madeByPredecessor a",
      [clientOf("a", EARLIER)],
      { externalId: "a" },
    ],
    ["is none when the recorded one is gone", "absent", [], { externalId: "a", proof: "p" }],
  ])("%s", async (_what, expected, clients, status, wanted) => {
    expect(await seen(clients, status, wanted)).toBe(expected);
  });
});
