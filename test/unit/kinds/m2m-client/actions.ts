import { createHash } from "node:crypto";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { apply } from "../../../../src/kinds/m2m-client/apply.ts";
import { desire } from "../../../../src/kinds/m2m-client/desire.ts";
import type { Action, Desired } from "../../../../src/kinds/m2m-client/model.ts";
import type { ClientObserved } from "../../../../src/kinds/m2m-client/observe.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { StateContent } from "../../../../src/kinds/state-secret/document.ts";
import { observeState, readState, writeState } from "../../../../src/kinds/state-secret/store.ts";
import type { StateView } from "../../../../src/kinds/state-secret/facts.ts";
import type { Clients, ObservedClient, Provider, Ref, Subjects } from "../../../../src/ports/provider.ts";
import type { CredentialValues, KeyCredential } from "../../../../src/publication/inputs.ts";
import { createFakeResource, createFakeSecrets } from "../../../fakes/objects.ts";
import { keyCredential } from "../../publication/secret-inputs.ts";
import { makeKeyPair } from "../../../../src/kinds/m2m-client/credential/key-pair.ts";
import { CAPABILITIES } from "../provider-facts.ts";

export const NOW = new Date("2026-01-01T00:00:00Z");
export const REF = "client-1" as Ref;
const { privateKey } = await makeKeyPair("RS256");

export const secret = (id: string, change: Partial<CredentialValues> = {}): CredentialValues => ({
  ...{ id, authenticationMethod: "client_secret_post", clientSecret: `value-${id}` },
  ...{ createdAt: "2025-01-01T00:00:00Z", ...(change as object) },
});
export const key = (id: string, change: Partial<KeyCredential> = {}): CredentialValues =>
  keyCredential({ id, keyId: id, privateKey, registration: `cred-${id}`, algorithm: "RS256", ...change });

export const serviceAccount = (id: string): CredentialValues => ({
  ...{ id, authenticationMethod: "kubernetes", subject: "system:serviceaccount:team:job" },
  ...{ createdAt: "2025-01-01T00:00:00.000Z", isShown: true },
});

export const CLIENT: ObservedClient = {
  ...{ ref: REF, clientId: REF, displayName: "job", description: undefined, metadata: {} },
  ...{ authenticationMethod: "client_secret_post", mark: undefined, secrets: undefined, keyRefs: [] },
  ...{ tokenQuota: undefined, defaultOrganization: undefined, isEnabled: true, isService: true },
  ...{ isServiceType: true, isSystem: false, readAt: NOW },
};

interface Setting {
  readonly state?: Partial<StateContent> | undefined;
  readonly spec?: M2MClient["spec"] | undefined;
  readonly status?: M2MClient["status"];
  readonly annotations?: Readonly<Record<string, string>>;
  /** `null`: it is gone at the provider. */
  readonly client?: Partial<ObservedClient> | null;
  readonly clients?: Partial<Clients>;
}

export interface Bench {
  readonly context: KindContext;
  /** Names of the calls that reached the provider, reads of one client apart. */
  readonly calls: string[];
  /** Reasons of the events. */
  readonly events: string[];
  /** Their texts. */
  readonly messages: string[];
  /** The same, with type and reason. */
  readonly told: string[];
  /** What a plan that is made now would be made from. */
  readonly see: () => Promise<Seen>;
  /** Carries out an action as one that was planned from `seen`. */
  readonly apply: (action: Action, seen: Seen, also?: Partial<ClientObserved>) => Promise<void>;
  readonly stored: () => Promise<StateContent>;
  /** As somebody else would. */
  readonly store: (change: Partial<StateContent>) => Promise<void>;
}

export interface Seen {
  readonly resource: M2MClient;
  readonly desired: Desired;
  readonly state: StateView;
}

/** One client's resource and state Secret, with the API server's rules, and a provider that notes what it is asked. */
export async function bench(setting: Setting = {}): Promise<Bench> {
  const { state, spec = {} as M2MClient["spec"], status, annotations = {} } = setting;
  const calls: string[] = [];
  const events: string[] = [];
  const messages: string[] = [];
  const told: string[] = [];
  const record = (_of: unknown, type: string, reason: string, note: string): void => {
    events.push(reason);
    messages.push(note);
    told.push(`${type} ${reason}: ${note}`);
  };
  const resource: M2MClient = {
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "M2MClient", spec },
    metadata: { name: "job", namespace: "team", uid: "u", resourceVersion: "1", generation: 1, annotations },
    ...(status === undefined ? {} : { status }),
  };
  const resources = createFakeResource(resource);
  let count = 0;
  const context = {
    secrets: createFakeSecrets(),
    resources: { m2mClients: resources },
    events: { record },
    memory: { states: new Map(), outputs: new Map(), verifications: new Map(), requestedRotations: new Map() },
    fingerprint: (value: string) => `print ${value}`,
    sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
    makeKeyPair,
    nonce: () => `nonce-${String(++count)}`,
    now: () => NOW,
  } as unknown as KindContext;
  const provider = providerOf(setting, calls);
  const ports = context;
  const seenNow = (): Promise<StateView> => observeState(context, resource);
  const store = async (change: Partial<StateContent>): Promise<void> => {
    const stored = await readState(ports, resource, await seenNow());
    await writeState(ports, resource, stored, { ...stored.content, ...change });
  };
  if (state !== undefined) await store({ clientId: REF, tenant: "tenant", ...state });
  return {
    ...{ context, calls, events, messages, told, store },
    see: async () => {
      const latest = resources.get("team", "job") ?? resource;
      const desired = desire(latest, "instance", (text) => context.sha256(text), NOW);
      return { resource: latest, desired, state: await seenNow() };
    },
    apply: (action, seen, also = {}) => {
      const remote = { kind: "found", client: CLIENT, duplicates: [] };
      const observed = { remote, state: seen.state, standing: { provider }, publication: undefined, ...also };
      return apply(context, seen.resource, seen.desired, observed as unknown as ClientObserved, action);
    },
    stored: async () => (await readState(ports, resource, await seenNow())).content,
  };
}

function providerOf({ client, clients }: Setting, calls: string[]): Provider {
  const registered = { ref: "cred-new", keyId: "k" };
  const answers: Partial<Clients> = {
    get: () => Promise.resolve(client === null ? undefined : { ...CLIENT, ...client }),
    create: () => Promise.resolve({ client: CLIENT, clientSecret: "created", keys: [registered] }),
    readSecret: () => Promise.resolve(undefined),
    replaceSecret: (_ref, value) => Promise.resolve(value ?? "chosen"),
    addSecret: () => Promise.resolve({ ref: "secret-new", others: [] }),
    addPublicKey: () => Promise.resolve(registered),
    setPublicKeys: () => Promise.resolve([registered]),
    removeSecret: () => Promise.resolve(),
    removeSecretByValue: () => Promise.resolve(),
    removePublicKey: () => Promise.resolve(),
    update: () => Promise.resolve(CLIENT),
    ...clients,
  };
  const noted = Object.entries(answers).map(([name, answer]) => [
    name,
    (...given: unknown[]): unknown => {
      if (name !== "get") calls.push(name);
      return (answer as (...all: unknown[]) => unknown)(...given);
    },
  ]);
  const subjects: Subjects = {
    findBy: () => Promise.resolve([]),
    set: () => {
      calls.push("subjects.set");
      return Promise.resolve();
    },
  };
  return {
    ...{ vendor: "any", tenant: "tenant", domain: "tenant", capabilities: { ...CAPABILITIES, secretOverlap: "full" } },
    clients: { ...(Object.fromEntries(noted) as unknown as Clients), subjects },
    grants: { remove: () => Promise.resolve(calls.push("grants.remove")) },
  } as unknown as Provider;
}
