import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import { observeHolder } from "../../../../src/kinds/scope-grant/holder.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";
import type { Mark } from "../../../../src/ports/mark.ts";
import type { Provider } from "../../../../src/ports/provider.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const OURS: Mark = {
  instance: "one",
  object: sha256("M2MClient/payroll/job").slice(0, 16),
  uid: "11111111-1111-1111-1111-111111111111",
  origin: "adopted",
  nonce: "0".repeat(16),
};

const held = async (
  mark: Mark | undefined,
  ofClient: M2MClient["status"] | "gone",
  ofGrant: ScopeGrant["status"],
): Promise<string> => {
  const clients = { get: () => Promise.resolve({ ref: "c", clientId: "c", mark }) };
  const grant = { metadata: { namespace: "payroll" }, spec: { clientRef: { name: "job" } }, status: ofGrant };
  const client = ofClient === "gone" ? undefined : { metadata: {}, status: ofClient };
  const { ref, refusal, origin } = await observeHolder(
    { settings: { instanceId: "one" }, sha256 } as Parameters<typeof observeHolder>[0],
    { clients } as unknown as Provider,
    grant as unknown as ScopeGrant,
    { client: client as M2MClient | undefined, api: undefined, external: undefined },
  );
  return [ref ?? "nobody", origin, refusal === undefined ? undefined : "refused"].filter(Boolean).join(" ");
};

const CLIENT = { externalId: "c" };
const GRANT = { clientExternalId: "c" };

describe("the client whose grant a ScopeGrant works on", () => {
  it.each<[string, string, Mark | undefined, M2MClient["status"] | "gone", ScopeGrant["status"]]>([
    ["has the mark of clientRef", "c adopted", OURS, CLIENT, undefined],
    ["has that mark although the M2MClient is gone", "c adopted", OURS, "gone", GRANT],
    ["may lack it when the M2MClient's status proves it", "c", undefined, { ...CLIENT, proof: "p" }, undefined],
    ["may lack it when its own status proves it", "c", undefined, "gone", { ...GRANT, proof: "p" }],
    ["is none that only the M2MClient's status names", "nobody refused", undefined, CLIENT, undefined],
    ["is none that only its own status names", "nobody refused", undefined, "gone", GRANT],
    [
      "is none that a proof is about which names another",
      "nobody refused",
      undefined,
      CLIENT,
      { clientExternalId: "d", proof: "p" },
    ],
    [
      "is none with the mark of another M2MClient",
      "nobody refused",
      { ...OURS, object: "fedcba9876543210" },
      { ...CLIENT, proof: "p" },
      { ...GRANT, proof: "p" },
    ],
    [
      "is none of another installation",
      "nobody refused",
      { ...OURS, instance: "two" },
      { ...CLIENT, proof: "p" },
      undefined,
    ],
    ["is unknown while nothing names one", "nobody", OURS, "gone", undefined],
  ])("%s", async (_what, expected, mark, ofClient, ofGrant) => {
    expect(await held(mark, ofClient, ofGrant)).toBe(expected);
  });
});
