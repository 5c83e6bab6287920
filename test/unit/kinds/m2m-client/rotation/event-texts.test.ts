import { expect, it } from "vitest";
import type { Action } from "../../../../../src/kinds/m2m-client/model.ts";
import { bench, REF, secret } from "../actions.ts";

const OLD = secret("old");
const START: Action = {
  ...{ type: "prepareNext", ref: REF, cause: "Requested", method: "client_secret_post", algorithm: "RS256" },
  ...{ isShown: false, isHidden: false },
};

it.each([
  [
    "the old one works for the overlap",
    OLD,
    "The new credential is in force and published in Secret team/job. The old one is valid until 2026-01-02T00:00:00.000Z. Restart Pods that read it from the environment.",
  ],
  [
    "the old one ended with the switch",
    { ...OLD, isShown: true },
    "The new credential is in force and published in Secret team/job. The old one is no longer valid. Restart Pods that read it from the environment.",
  ],
  [
    "there was none",
    undefined,
    "The new credential is in force and published in Secret team/job. Restart Pods that read it from the environment.",
  ],
])("a rotated credential is told with its Secret and the end of the old one: %s", async (_what, previous, message) => {
  const spec = { rotation: { overlap: "24h" } } as never;
  const { apply, messages, see } = await bench({ spec, state: { current: secret("new"), previous } });
  await apply({ type: "notePublished" }, await see());
  expect(messages).toEqual([message]);
});

it.each([
  [START, "It is published at about 2026-01-01T00:00:30.000Z."],
  [{ ...START, cause: "Compromised" }, "It is published at about 2026-01-01T00:00:00.000Z."],
  [{ ...START, isShown: true }, "It comes into force at about 2026-01-01T01:00:00.000Z."],
] as const)("the start of a rotation says when it shows", async (action, text) => {
  const spec = { rotation: { announce: "1h" } } as never;
  const { apply, messages, see } = await bench({ spec, state: { current: OLD } });
  await apply(action, await see());
  expect(messages[0]).toContain(text);
});

it("a credential that somebody changed is told with its Secret, and what to do if nobody of yours did", async () => {
  const clients = { readSecret: () => Promise.resolve("theirs") };
  const { apply, messages, see } = await bench({ clients, state: { current: OLD }, status: { clientId: REF } });
  await apply({ type: "storeCredential", ref: REF, why: "ChangedAtProvider" }, await see());
  expect(messages).toEqual([
    "Somebody changed the credential of client client-1 at the provider. The operator publishes the new one in Secret team/job. Restart Pods that read it only at their start. If this was not you, annotate this M2MClient with m2m-operator.io/compromised-at and the present time.",
  ]);
});
