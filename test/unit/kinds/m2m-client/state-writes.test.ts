import { describe, expect, it } from "vitest";
import type { Action } from "../../../../src/kinds/m2m-client/model.ts";
import type { StateContent } from "../../../../src/kinds/state-secret/document.ts";
import { bench, key, REF, secret, serviceAccount } from "./actions.ts";

interface StateWrite {
  readonly action: Action;
  /** What the state Secret holds before; without it there is none. */
  readonly before?: Partial<StateContent>;
  /** The note of the create is the lock where there is no Secret to compare with. */
  readonly isNoted?: true;
}

const SUBJECT = "system:serviceaccount:team:job";
const OWNER = { instance: "i", object: "o", uid: "u" };
const next = secret("b");
const shown = secret("b", { isShown: true });
const current = secret("a", { registration: "old" });
const prepare = { ref: REF, algorithm: "RS256", isShown: false, isHidden: false } as const;
const secretSpec = { displayName: "job", metadata: {}, authenticationMethod: "client_secret_post" } as const;

/** One entry for each action: how it writes the state Secret, or that it does not. The compiler asks for it. */
const ACTIONS: Readonly<Record<Action["type"], readonly StateWrite[]>> = {
  createClient: [
    { action: { type: "createClient", spec: secretSpec, owner: OWNER }, isNoted: true },
    {
      action: { type: "createClient", spec: { ...secretSpec, authenticationMethod: "private_key_jwt" }, owner: OWNER },
      before: { clientId: undefined, next: key("k") },
    },
    {
      action: {
        type: "createClient",
        spec: { ...secretSpec, authenticationMethod: "kubernetes", subject: SUBJECT },
        owner: OWNER,
      },
      isNoted: true,
    },
  ],
  storeCredential: [
    { action: { type: "storeCredential", ref: REF, why: "StateMissing" } },
    { action: { type: "storeCredential", ref: REF, why: "ChangedAtProvider" }, before: { current } },
  ],
  replaceSecret: [
    { action: { type: "replaceSecret", ref: REF } },
    { action: { type: "replaceSecret", ref: REF }, before: { current } },
  ],
  claimState: [{ action: { type: "claimState" }, before: { current } }],
  removeState: [{ action: { type: "removeState" }, before: { current } }],
  prepareKey: [
    { action: { type: "prepareKey", algorithm: "RS256" } },
    { action: { type: "prepareKey", algorithm: "RS256" }, before: { next } },
  ],
  registerKey: [{ action: { type: "registerKey", ref: REF }, before: { current: key("k") } }],
  registerSubject: [
    { action: { type: "registerSubject", ref: REF, subject: SUBJECT } },
    { action: { type: "registerSubject", ref: REF, subject: SUBJECT }, before: { current } },
  ],
  registerPublicKeys: [],
  prepareNext: [
    { action: { type: "prepareNext", ...prepare, cause: "Due", method: "client_secret_post" }, before: { current } },
    { action: { type: "prepareNext", ...prepare, cause: "Missing", method: "private_key_jwt" } },
  ],
  registerNext: [
    { action: { type: "registerNext", ref: REF, insteadOf: undefined }, before: { current, next } },
    { action: { type: "registerNext", ref: REF, insteadOf: "old" }, before: { current, next: key("k") } },
  ],
  discardNext: [
    {
      action: { type: "discardNext", ref: REF },
      before: { current, next: secret("b", { registration: "secret-new" }) },
    },
    { action: { type: "discardNext", ref: REF }, before: { current, next: shown } },
  ],
  noteAnnounced: [{ action: { type: "noteAnnounced" }, before: { current, next: shown } }],
  promoteNext: [{ action: { type: "promoteNext" }, before: { current, next } }],
  switchToNext: [
    { action: { type: "switchToNext", ref: REF }, before: { current, next: shown } },
    { action: { type: "switchToNext", ref: REF }, before: { current, next: key("k", { isShown: true }) } },
    { action: { type: "switchToNext", ref: REF }, before: { current, next: serviceAccount("a") } },
  ],
  notePublished: [{ action: { type: "notePublished" }, before: { current } }],
  retirePrevious: [
    {
      action: { type: "retirePrevious", ref: REF, credentials: [{ kind: "secret", ref: "old" }] },
      before: { current: next, previous: current },
    },
  ],
  forgetPrevious: [{ action: { type: "forgetPrevious" }, before: { current: next, previous: current } }],
  ...{ addFinalizer: [], updateClient: [], removeUnmanagedGrant: [], removeDuplicateClient: [], publishSecret: [] },
  ...{ removeFormerSecret: [], verifyCredential: [], removeClient: [], releaseClient: [], abandonClient: [] },
  /** The end: whatever is stored goes. */
  removeFinalizer: [],
};

const writes = Object.values(ACTIONS).flatMap((rows) => rows.map((row) => [row.action.type, row] as const));

describe("the write-ahead log of a credential", () => {
  it.each(writes.filter(([, { isNoted }]) => isNoted !== true))(
    "%s: of two that saw the same state, the second does nothing at all",
    async (_type, row) => {
      const { action, before } = row;
      const { apply, calls, see, store, stored } = await bench({ state: before });
      const seen = await see();
      const other = { next: secret("other"), clientId: REF };
      await store(other);
      await expect(apply(action, seen)).rejects.toThrow(/changed|modified/);
      expect(calls).toEqual([]);
      expect(await stored()).toMatchObject(other);
    },
  );

  it.each(writes)("%s: carried out twice from one look, it is done once", async (_type, row) => {
    const { action, before } = row;
    const { apply, calls, see, stored } = await bench({ state: before });
    const seen = await see();
    await apply(action, seen);
    const after = { calls: [...calls], state: await stored() };
    await expect(apply(action, seen)).rejects.toThrow(/changed|modified/);
    expect({ calls, state: await stored() }).toEqual(after);
  });

  it.each(
    writes.filter(([, { action }]) => "ref" in action && !["discardNext", "retirePrevious"].includes(action.type)),
  )("%s: of a client that is gone, nothing is made and nothing forgotten", async (type, { action, before }) => {
    const { apply, calls, see, stored } = await bench({ state: before, client: null });
    const seen = await see();
    const known = await stored();
    await expect(apply(action, seen)).rejects.toThrow("no longer exists");
    expect({ type, calls, state: await stored() }).toEqual({ type, calls: [], state: known });
  });

  it("what is known of a secret that is in force stays, also when it is read from the provider again", async () => {
    const known = secret("a", { registration: "r", activatedAt: "2025-02-01T00:00:00Z", request: "first" });
    const before = { current: known, next: secret("b"), previous: secret("z") };
    const clients = { readSecret: () => Promise.resolve("value-a") };
    const { apply, see, stored } = await bench({ state: before, clients });
    await apply({ type: "storeCredential", ref: REF, why: "ChangedAtProvider" }, await see());
    expect(await stored()).toEqual({ clientId: REF, tenant: "tenant", ...before });
  });

  it("what was written down for later stays when somebody changes the secret in force", async () => {
    const clients = { readSecret: () => Promise.resolve("theirs") };
    const { apply, see, stored } = await bench({ state: { current, next, previous: secret("z") }, clients });
    await apply({ type: "storeCredential", ref: REF, why: "ChangedAtProvider" }, await see());
    expect(await stored()).toMatchObject({
      current: { clientSecret: "theirs" },
      next: { id: "b" },
      previous: { id: "z" },
    });
  });
});
