import { describe, expect, it } from "vitest";
import type { Desired, Observed } from "../../../../src/kinds/m2m-client/model.ts";
import { plan } from "../../../../src/kinds/m2m-client/plan.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { CredentialFacts } from "../../../../src/kinds/state-secret/facts.ts";
import type { ObservedClient } from "../../../../src/ports/provider.ts";
import { FACTS } from "../provider-facts.ts";
import { CLIENT, desiredBy, NOW, observedWith, SECRET } from "./observed.ts";

const SUBJECT = "system:serviceaccount:team:importer";
const OTHER = "system:serviceaccount:team:other";
const authentication = { method: "kubernetes", serviceAccount: { name: "importer" } } as const;
const usable = { exists: true, claimedBy: [] };
const missing = { exists: false, claimedBy: [] };
const claimed = { exists: true, claimedBy: ["theirs"] };

const { fingerprint: _print, ...common } = SECRET as CredentialFacts & { kind: "secret" };
const inForce = (subject = SUBJECT): CredentialFacts => ({
  ...{ ...common, kind: "serviceAccount", id: "s", authenticationMethod: "kubernetes", subject },
});
const owner = desiredBy({}).owner;
const mark = { ...owner, origin: "made", nonce: "0".repeat(16) } as const;
const bySecret: ObservedClient = { ...CLIENT, mark };
const bySubject = (subject = SUBJECT): ObservedClient => ({
  ...{ ...CLIENT, mark, authenticationMethod: "kubernetes", subject, secrets: [] },
});

interface Case {
  readonly client?: ObservedClient | "absent";
  readonly current?: CredentialFacts | undefined;
  readonly serviceAccount?: Observed["serviceAccount"];
  readonly spec?: Partial<M2MClient["spec"]>;
  readonly annotations?: Record<string, string>;
  readonly observed?: Partial<Observed>;
}

/** The first action, else the reason of the halt. */
function stepOf({
  client = bySubject(),
  current,
  serviceAccount = usable,
  spec = {},
  annotations,
  observed,
}: Case): object | string | undefined {
  const desired: Desired = desiredBy({ authentication, ...spec }, annotations);
  const seen = observedWith({
    state: { ownership: "ours", name: "job.m2m-state", version: "1", ...(current === undefined ? {} : { current }) },
    remote: client === "absent" ? { kind: "absent" } : { kind: "found", client, duplicates: [] },
    serviceAccount,
    ...observed,
  });
  const { actions, halt } = plan(desired, seen, NOW);
  if (actions[0] !== undefined) return actions[0];
  return halt !== undefined && "reason" in halt ? `${halt.reason}: ${halt.message}` : halt?.kind;
}

describe("a client with a service account", () => {
  it.each<[string, Case, object]>([
    [
      "is created with the subject of its own namespace",
      { client: "absent" },
      { type: "createClient", spec: { authenticationMethod: "kubernetes", subject: SUBJECT } },
    ],
    [
      "changes from a secret by announcing the change first",
      { client: bySecret, current: SECRET },
      { type: "prepareNext", cause: "MethodChanged", method: "kubernetes", isShown: true },
    ],
    [
      "changes to another service account in the same way",
      { client: bySubject(OTHER), current: inForce(OTHER) },
      { type: "prepareNext", cause: "MethodChanged", isShown: true },
    ],
    [
      "changes back to a secret",
      { current: inForce(), spec: { authentication: { method: "client_secret_post" } }, serviceAccount: undefined },
      { type: "prepareNext", cause: "MethodChanged", method: "client_secret_post", isShown: true },
    ],
    [
      "is registered again where somebody changed its subject",
      { client: bySubject(OTHER), current: inForce() },
      { type: "registerSubject", subject: SUBJECT },
    ],
    [
      "is registered again where somebody changed its method",
      { client: bySecret, current: inForce() },
      { type: "registerSubject", subject: SUBJECT },
    ],
    ["is written down again after its state Secret was lost", {}, { type: "registerSubject", subject: SUBJECT }],
    [
      "takes another subject over only as a rotation",
      { client: bySubject(OTHER) },
      { type: "prepareNext", cause: "Missing", isShown: true },
    ],
    [
      "keeps other settings right while its service account does not exist",
      { current: inForce(), serviceAccount: missing, spec: { displayName: "Other" } },
      { type: "updateClient", change: { displayName: "Other" } },
    ],
  ])("%s", (_what, given, action) => {
    expect(stepOf(given)).toMatchObject(action);
  });

  it.each<[string, Case, string]>([
    ["that does not exist", { client: "absent", serviceAccount: missing }, "ServiceAccountNotFound: "],
    [
      "that does not exist, and a secret in force",
      { client: bySecret, current: SECRET, serviceAccount: missing },
      "Service",
    ],
    ["that was deleted", { current: inForce(), serviceAccount: missing }, "ServiceAccountNotFound: "],
    ["that another client has", { client: "absent", serviceAccount: claimed }, "Conflict: Client theirs"],
    ["that another client has got by hand", { current: inForce(), serviceAccount: claimed }, "Conflict: Client theirs"],
    [
      "that another client has, and that was taken off",
      { client: bySecret, current: inForce(), serviceAccount: claimed },
      "Conflict: Client theirs",
    ],
    [
      "and tokens of it that others know",
      { current: inForce(), annotations: { "m2m-operator.io/compromised-at": "2026-01-01T00:05:00Z" } },
      "InvalidRequest: The client authenticates with a service account",
    ],
    [
      "that an adopted client has and the spec does not name",
      { spec: { authentication: undefined, clientId: CLIENT.clientId, adopt: true }, serviceAccount: undefined },
      "InvalidRequest: Client client-1 authenticates with a service account",
    ],
  ])("%s says so and writes nothing", (_what, given, message) => {
    expect(stepOf(given)).toEqual(expect.stringContaining(message));
  });

  it.each<[string, Case]>([
    ["nothing differs", {}],
    ["a rotation is requested", { annotations: { "m2m-operator.io/rotate-requested-at": "now" } }],
  ])("rests where %s", (_what, given) => {
    expect(stepOf({ current: inForce(), ...given })).toBeUndefined();
  });

  it("where the provider object lacks the setting, its field is named", () => {
    const capabilities = {
      ...FACTS.capabilities,
      authenticationMethods: ["client_secret_basic", "private_key_jwt"] as const,
      methodsBySetting: { kubernetes: "spec.any.field" },
    };
    const provider = { state: "ready", facts: { ...FACTS, capabilities } } as const;
    expect(stepOf({ client: "absent", observed: { provider } })).toBe(
      "UnsupportedByProvider: spec.authentication.method kubernetes needs spec.any.field of ClusterIdentityProvider default. Ask its owner to set it. Or use client_secret_basic or private_key_jwt, and remove spec.authentication.serviceAccount.",
    );
  });
});
