import { describe, expect, it } from "vitest";
import type { Desired } from "../../../../src/kinds/oauth-api/model.ts";
import { observeRemote } from "../../../../src/kinds/oauth-api/remote.ts";
import type { OAuthApi } from "../../../../src/kinds/oauth-api/schema.ts";
import type { Mark } from "../../../../src/ports/mark.ts";
import type { ObservedApi, Provider, Ref } from "../../../../src/ports/provider.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const AUDIENCE = "https://api.example.com/";
const OWNER = { instance: "one", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" };
const OURS: Mark = { ...OWNER, origin: "made", nonce: "0".repeat(16) };
const EARLIER: Mark = { ...OURS, uid: "22222222-2222-2222-2222-222222222222" };
const OTHERS: Mark = { ...EARLIER, object: "fedcba9876543210" };

const apiOf = (id: string, mark?: Mark): ObservedApi => ({
  ref: id as Ref,
  audience: AUDIENCE,
  displayName: id,
  description: undefined,
  mark,
  scopes: [],
  tokens: {},
  settings: {},
  signingSecretFingerprint: undefined,
  isImpaired: false,
  isSystem: false,
  readAt: NOW,
});

/** A tenant with these APIs, where an API can carry a mark or cannot. */
function tenantOf(marksApis: boolean, apis: readonly ObservedApi[]): Provider {
  const whose = (holds: (mark: Mark) => boolean) =>
    Promise.resolve(apis.filter(({ mark }) => mark !== undefined && holds(mark)));
  return {
    capabilities: { marksApis },
    apis: {
      refresh: () => Promise.resolve(),
      isKnown: () => true,
      get: (ref: Ref) => Promise.resolve(apis.find((api) => api.ref === ref)),
      findByAudience: () => Promise.resolve(apis[0]),
      findByOwner: (instance: string, uid: string) => whose((mark) => mark.instance === instance && mark.uid === uid),
      findByObject: (instance: string, object: string) =>
        whose((mark) => mark.instance === instance && mark.object === object),
    },
  } as unknown as Provider;
}

const seen = async (marksApis: boolean, apis: readonly ObservedApi[], status: OAuthApi["status"]): Promise<string> => {
  const desired = { owner: OWNER, isAdopting: false, spec: { audience: AUDIENCE } } as Desired;
  const resource = { metadata: {}, spec: {}, status } as OAuthApi;
  const settings = { createTiming: { providerTimeoutMs: 1, settleMs: 1 }, recover: false, mayAdopt: false };
  const remote = await observeRemote(tenantOf(marksApis, apis), desired, resource, settings, NOW);
  return "api" in remote ? `${remote.kind} ${remote.api?.ref ?? "nothing"}` : remote.kind;
};

const note = { key: AUDIENCE, nonce: "0".repeat(16), at: "2025-01-01T00:00:00Z" };

describe("the API of a resource, where APIs carry no mark", () => {
  it.each<[string, string, OAuthApi["status"]]>([
    ["is the recorded one when status proves it", "found a", { externalId: "a", proof: "p" }],
    ["is not a recorded one without proof", "notOurs a", { externalId: "a" }],
    ["is not one that status says was adopted, without proof", "notOurs a", { externalId: "a", origin: "Adopted" }],
    ["is the one of a proven note", "found a", { pendingCreate: note, proof: "p" }],
    ["is not the one of a note without proof", "notOurs a", { pendingCreate: note }],
    ["is not one that nothing speaks of", "notOurs a", undefined],
  ])("%s", async (_what, expected, status) => {
    expect(await seen(false, [apiOf("a")], status)).toBe(expected);
  });
});

describe("the API of a resource, where APIs carry a mark", () => {
  it.each<[string, string, readonly ObservedApi[], OAuthApi["status"]]>([
    ["is the recorded one with our mark", "found a", [apiOf("a", OURS)], { externalId: "a" }],
    ["is not a recorded one without a mark", "notOurs a", [apiOf("a")], { externalId: "a" }],
    [
      "is a recorded one that lost its mark, as status proves",
      "found a",
      [apiOf("a")],
      { externalId: "a", proof: "p" },
    ],
    ["is not a recorded one of others", "notOurs a", [apiOf("a", OTHERS)], { externalId: "a", proof: "p" }],
    ["is the marked one, whatever status records", "found b", [apiOf("a"), apiOf("b", OURS)], { externalId: "a" }],
    ["is not the one of a note without a mark", "absent", [apiOf("a")], { pendingCreate: note, proof: "p" }],
    ["may be an earlier resource's", "madeByPredecessor a", [apiOf("a", EARLIER)], { externalId: "a" }],
  ])("%s", async (_what, expected, apis, status) => {
    expect(await seen(true, apis, status)).toBe(expected);
  });
});
