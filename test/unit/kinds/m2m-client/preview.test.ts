import { expect, it } from "vitest";
import type { Action, Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import { previewFor } from "../../../../src/kinds/m2m-client/preview.ts";
import type { ObservedClient, Ref } from "../../../../src/ports/provider.ts";

const owner = { instance: "test", uid: "uid", object: "hash" };
const { describe: describeAction, after } = previewFor({ owner, keys: {} } as Desired);

const client = {
  ...{ ref: "client-1" as Ref, clientId: "client-1", displayName: "By hand", description: undefined },
  ...{ metadata: { owner: "finance", tier: "gold" }, isServiceType: false, mark: undefined },
} as unknown as ObservedClient;
const observed = { remote: { kind: "found", client, duplicates: [] }, unmanaged: undefined } as unknown as Observed;

const update = (change: object, remark?: "adopted" | "made"): Action => ({
  type: "updateClient",
  ref: client.ref,
  change,
  remark,
});

it("tells an adoption with every field, old and new", () => {
  const action = update({ displayName: "Export", metadata: { owner: "billing" } }, "adopted");
  expect(describeAction(action, observed)).toBe(
    'adopt client client-1 (displayName: "By hand" → "Export", metadata.owner: "finance" → "billing", write the ownership mark)',
  );
});

it.each([
  [
    "another method",
    { authenticationMethod: "private_key_jwt" },
    {},
    'private_key_jwt", generate a new credential for it)',
  ],
  [
    "the method that it has",
    { authenticationMethod: "client_secret_post", displayName: "B" },
    {},
    'displayName: "By hand" → "B")',
  ],
  ["the user's own keys", { authenticationMethod: "private_key_jwt" }, { publicKeys: [] }, 'private_key_jwt")'],
])("tells whether %s needs a new credential", (_what, change, keys, end) => {
  const preview = previewFor({ owner, keys } as unknown as Desired);
  const remote = { kind: "found", client: { ...client, authenticationMethod: "client_secret_post" }, duplicates: [] };
  const text = preview.describe(update(change), { ...observed, remote } as Observed) ?? "";
  expect(text.endsWith(end)).toBe(true);
});

it("the client after it has what was changed and nothing else, so that no step is told twice", () => {
  const next = after(
    update({ displayName: "Export", metadata: { owner: "billing", tier: null } }, "adopted"),
    observed,
  );
  expect(next?.remote).toMatchObject({
    client: {
      ...{ displayName: "Export", metadata: { owner: "billing" }, isServiceType: true },
      mark: { ...owner, origin: "adopted" },
    },
  });
  expect(next?.remote.kind === "found" ? next.remote.client.metadata : {}).toEqual({ owner: "billing" });
});

it.each([
  ["registerKey", "register the public key of client client-1 again"],
  ["replaceSecret", "replace the secret of client client-1"],
  ["publishSecret", undefined],
] as const)("%s", (type, text) => {
  expect(describeAction({ type, ref: client.ref, why: "" } as unknown as Action, observed)).toBe(text);
});
