import { expect, it } from "vitest";
import { tenantFailure } from "../../../cli/tenant/failure.ts";
import { readOnly } from "../../../cli/tenant/read-only.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";

const READS = [
  "get",
  "list",
  "find",
  "findByAudience",
  "findByClientId",
  "findByOwner",
  "findByOwnerSince",
  "findByObject",
  "refresh",
  "isKnown",
  "issuance",
  "ofApi",
  "ofClient",
];

/** Every method of a port, each of which would succeed. */
const all = (...names: readonly string[]): object =>
  Object.fromEntries([...READS, ...names].map((name) => [name, () => Promise.resolve(name)]));

const PROVIDER = {
  apis: all("create", "update", "remove", "readSigningSecret"),
  clients: all(
    ...[
      "create",
      "update",
      "remove",
      "readSecret",
      "replaceSecret",
      "addSecret",
      "removeSecret",
      "removeSecretByValue",
    ],
    ...["setPublicKeys", "addPublicKey", "removePublicKey"],
  ),
  grants: all("create", "update", "remove"),
  requestToken: () => Promise.resolve("token"),
} as unknown as Provider;

it.each(["apis", "clients", "grants"] as const)(
  "everything of %s that is no read is refused, and reads work",
  async (part) => {
    const guarded = readOnly(PROVIDER)[part] as unknown as Readonly<Record<string, () => Promise<unknown>>>;
    for (const [name, call] of Object.entries(guarded))
      if (READS.includes(name)) expect(await call()).toBe(name);
      else await expect(call()).rejects.toThrow(/writes nothing to a tenant/);
  },
);

it("no token is requested", async () => {
  await expect(readOnly(PROVIDER).requestToken({} as never)).rejects.toThrow(/writes nothing/);
});

it.each([
  ["unauthorized", /Correct the credential/],
  ["forbidden", /permission to read/],
  ["role_missing", /administrator/],
  ["rate_limited", /spec.rateLimit/],
  ["unavailable", /network/],
] as const)("a tenant that answers %s gets advice", (code, advice) => {
  const failure = tenantFailure(
    new ProviderError(code, "No.", { permissions: ["read:clients"] }),
    "ClusterIdentityProvider x",
  );
  expect(failure).toMatchObject({
    message: "The tenant of ClusterIdentityProvider x cannot be read: No. Missing: read:clients.",
    advice: expect.stringMatching(advice) as string,
  });
});

it("what is no answer of a tenant is left as it is", () => {
  const error = new Error("defect");
  expect(tenantFailure(error, "x")).toBe(error);
});
