import { expect, it } from "vitest";
import type { Action } from "../../../../../src/kinds/m2m-client/model.ts";
import type { M2MClient } from "../../../../../src/kinds/m2m-client/schema.ts";
import { bench, REF, secret } from "../actions.ts";

const COMPROMISED_AT = "2025-06-01T00:00:00Z";
const annotations = { "m2m-operator.io/compromised-at": COMPROMISED_AT };
const older = secret("old", { createdAt: "2025-05-31T23:59:59Z", registration: "r" });
const younger = secret("young", { createdAt: COMPROMISED_AT, registration: "r" });
const retire: Action = { type: "retirePrevious", ref: REF, credentials: [{ kind: "secret", ref: "r" }] };
const forget: Action = { type: "forgetPrevious" };

it.each([
  ["was made before the compromise", retire, older, annotations, "CredentialsRevoked"],
  ["was announced and made before the compromise", forget, older, annotations, "CredentialsRevoked"],
  ["was made after the compromise, which is still annotated", retire, younger, annotations, "CredentialRetired"],
  ["was announced and made after the compromise", forget, younger, annotations, "CredentialRetired"],
  ["is old where nothing was compromised", retire, older, {}, "CredentialRetired"],
  [
    "is old and the annotation cannot be read",
    retire,
    older,
    { "m2m-operator.io/compromised-at": "x" },
    "CredentialRetired",
  ],
] as const)("a credential that %s is announced as what it is", async (_what, action, previous, annotated, reason) => {
  const { apply, events, see } = await bench({ state: { current: secret("new"), previous }, annotations: annotated });
  await apply(action, await see());
  expect(events).toEqual([reason]);
});

it("what status alone still knew is judged by its age in status", async () => {
  const createdAt = "2025-01-01T00:00:00Z";
  const status = { credentials: [{ id: "r", state: "Retiring", createdAt } as const] };
  const { apply, events, see } = await bench({ state: { current: secret("new") }, status, annotations });
  await apply(retire, await see());
  expect(events).toEqual(["CredentialsRevoked"]);
});

it("an announced rotation tells when the next credential comes into force", async () => {
  const state = { current: secret("old"), next: secret("new", { isShown: true }) };
  const { apply, told, see } = await bench({ state, spec: { rotation: { announce: "10m" } } as M2MClient["spec"] });
  await apply({ type: "noteAnnounced" }, await see());
  expect(told).toEqual([expect.stringMatching(/^Normal RotationAnnounced: .*2026-01-01T00:10:00\.000Z/)]);
});
