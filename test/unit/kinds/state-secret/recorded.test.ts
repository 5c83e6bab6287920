import { expect, it } from "vitest";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { StateContent } from "../../../../src/kinds/state-secret/document.ts";
import { recordOfState, stateOfRecord } from "../../../../src/kinds/state-secret/recorded.ts";
import { observeState, readState, writeState } from "../../../../src/kinds/state-secret/store.ts";
import type { CredentialValues } from "../../../../src/publication/inputs.ts";
import { type Bench, bench, key, secret, serviceAccount } from "../m2m-client/actions.ts";

const AT = { createdAt: "2026-01-01T00:00:00.000Z" } as const;
const LATER = "2026-02-01T00:00:00.123Z";
const TIMES = {
  registeredAt: LATER,
  announcedAt: LATER,
  activatedAt: LATER,
  publishedAt: LATER,
  isShown: true,
} as const;
/** As the operator writes them. */
const written = {
  secret: secret("a", AT),
  shown: secret("b", { ...AT, ...TIMES, request: "now" }),
  key: key("k", { ...AT, ...TIMES }),
};

/** The client as a process that starts again finds it, and the number of reads that it needs. */
async function restarted(given: Bench, stateSecret: NonNullable<M2MClient["status"]>["stateSecret"]) {
  const { resource } = await given.see();
  let reads = 0;
  const read = (namespace: string, name: string) => {
    reads++;
    return given.context.secrets.read(namespace, name);
  };
  const memory = { ...given.context.memory, states: new Map() };
  const context = { ...given.context, memory, secrets: { ...given.context.secrets, read } };
  const client: M2MClient = { ...resource, status: { ...resource.status, stateSecret } };
  const state = await observeState(context, client);
  return { state, reads, memory };
}

it.each<[string, Partial<StateContent>]>([
  ["a secret", { current: written.secret }],
  ["a key", { current: written.key }],
  ["a service account", { current: serviceAccount("s"), previous: written.shown }],
  ["a first key that nobody uses yet", { clientId: undefined, next: written.key }],
  ["a rotation that is under way", { current: written.secret, next: written.shown, previous: written.key }],
])("with %s, a restart knows from status what it would read, and reads nothing", async (_what, state) => {
  const given = await bench({ state });
  const { state: seen } = await given.see();
  const record = recordOfState(seen);
  expect(JSON.stringify(record)).not.toMatch(/"value-|PRIVATE/);
  const after = await restarted(given, JSON.parse(JSON.stringify(record)) as typeof record);
  expect(after.state).toEqual(seen);
  expect(after.reads).toBe(0);
  expect(after.memory.states.size).toBe(0);
});

it("without a record, as after an upgrade, it is read once", async () => {
  const given = await bench({ state: { current: written.secret } });
  const { state, reads, memory } = await restarted(given, undefined);
  expect(state).toEqual((await given.see()).state);
  expect([reads, memory.states.size]).toEqual([1, 1]);
});

it("what was changed since the record is read: another content, and another Secret of that name", async () => {
  const given = await bench({ state: { current: written.secret } });
  const record = recordOfState((await given.see()).state);
  await given.store({ current: written.shown });
  expect(await restarted(given, record)).toMatchObject({ reads: 1, state: { current: { id: "b" } } });
  const { resource } = await given.see();
  const { head } = await readState(given.context, resource, (await given.see()).state);
  if (head !== undefined) await given.context.secrets.remove(head);
  expect(await restarted(given, record)).toMatchObject({ reads: 0, state: { ownership: "none" } });
  const content = {
    clientId: "another",
    tenant: undefined,
    current: written.key,
    next: undefined,
    previous: undefined,
  };
  await writeState(given.context, resource, { head: undefined }, content);
  expect(await restarted(given, record)).toMatchObject({ reads: 1, state: { current: { clientId: "another" } } });
});

it.each<[string, CredentialValues]>([
  ["a longer ID", secret("a".repeat(129), AT)],
  ["a longer registration", key("k", { ...AT, registration: "r".repeat(1025) })],
  ["half a character", secret("\ud834", AT)],
  ["a time in other words", secret("a", { createdAt: "1 Jan 2026" })],
  ["a time without milliseconds", secret("a", { createdAt: "2026-01-01T00:00:00Z" })],
  ["a time that the API server refuses", secret("a", { ...AT, publishedAt: "+020000-01-01T00:00:00.000Z" })],
])("%s, which only a person writes, is not recorded: it is read", async (_what, current) => {
  const given = await bench({ state: { current } });
  expect(recordOfState((await given.see()).state)).toBeUndefined();
});

it("an empty state Secret is not recorded", async () => {
  expect(recordOfState((await (await bench({ state: {} })).see()).state)).toBeUndefined();
});

it("a record names the version that it is about", async () => {
  const { state } = await (await bench({ state: { current: written.secret } })).see();
  const record = recordOfState(state);
  expect(record?.version).toBe(state.version);
  expect(record === undefined ? undefined : stateOfRecord(record).version).toBe(state.version);
});
