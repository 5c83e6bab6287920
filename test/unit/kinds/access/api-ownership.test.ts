import { expect, it } from "vitest";
import { apiOwnership } from "../../../../src/kinds/access/api-ownership.ts";
import type { OAuthApi } from "../../../../src/kinds/oauth-api/schema.ts";
import type { Provider } from "../../../../src/ports/provider.ts";

const mark = { instance: "i", object: "o", uid: "u", origin: "made", nonce: "n" };
const pendingCreate = { key: "https://a", nonce: "n", at: "2026-01-01T00:00:00Z" };

/** Whose an API of the recorded ID `old` is, where the tenant has these APIs by ID, all with the audience. */
function ownershipOf(present: Readonly<Record<string, object>>, status: object, mayTrust = false): Promise<string> {
  const apis = {
    isKnown: () => Object.keys(present).length > 0,
    get: (ref: string) => Promise.resolve(present[ref]),
    findByAudience: () => Promise.resolve(Object.values(present)[0]),
  };
  const provider = { apis, capabilities: { sharesAudiences: false } } as unknown as Provider;
  const api = { metadata: { uid: "u" }, spec: { audience: "https://a" }, status: { externalId: "old", ...status } };
  return apiOwnership(provider, "i", api as unknown as OAuthApi, mayTrust);
}

it.each([
  ["with our mark", { old: { mark } }, {}, "ours"],
  ["without a mark", { old: {} }, {}, "ours"],
  ["with another's mark", { old: { mark: { ...mark, uid: "x" } } }, {}, "foreign"],
  ["that was deleted", {}, {}, "gone"],
  ["in whose place another one stands", { new: {} }, {}, "foreign"],
  ["that its OAuthApi is creating again", { new: {} }, { pendingCreate }, "gone"],
  [
    "with another's mark, while a create is noted",
    { old: { mark: { ...mark, uid: "x" } } },
    { pendingCreate },
    "foreign",
  ],
])("an API %s", async (_what, present, status, expected) => {
  expect(await ownershipOf(present, status)).toBe(expected);
});

it("status stands while the tenant was not read", async () => {
  expect(await ownershipOf({}, {}, true)).toBe("ours");
});
