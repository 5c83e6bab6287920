import { expect, it } from "vitest";
import { credentialVersionOf, readCredential } from "../../../../src/kinds/state-secret/read.ts";
import type { StateContent } from "../../../../src/kinds/state-secret/document.ts";
import { bench, key, REF, secret } from "../m2m-client/actions.ts";

it.each<[string, Partial<StateContent> | undefined, boolean]>([
  ["no state Secret", undefined, false],
  ["a credential of this client", { current: secret("a") }, true],
  ["a credential of another client", { clientId: "other", current: secret("a") }, false],
  ["a key that is only prepared", { clientId: undefined, next: key("k") }, false],
  ["what is to come alone", { next: secret("b") }, false],
])("with %s, a version is known exactly when the credential can be read", async (_what, state, isReadable) => {
  const { context, see } = await bench({ state });
  const { resource } = await see();
  expect((await readCredential(context, resource, REF)) !== undefined).toBe(isReadable);
  expect((await credentialVersionOf(context, resource, REF)) !== undefined).toBe(isReadable);
});

it("keys of the user's own can be published once status records them, also before it names the client", async () => {
  const spec = { authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys: [{ pem: "" }] } } };
  const createdAt = "2026-01-01T00:00:00Z";
  const registered = { id: "cred", keyId: "thumb", algorithm: "PS256", state: "Current", createdAt } as const;
  const before = await bench({ spec: spec as never });
  const after = await bench({ spec: spec as never, status: { credentials: [registered] } });
  expect(await readCredential(before.context, (await before.see()).resource, REF)).toBeUndefined();
  expect(await readCredential(after.context, (await after.see()).resource, REF)).toMatchObject({
    credential: { algorithm: "PS256" },
  });
});
