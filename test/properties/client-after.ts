import type { Action, CredentialAction, Observed, RotationAction } from "../../src/kinds/m2m-client/model.ts";
import { registrationOf } from "../../src/kinds/m2m-client/credential/registrations.ts";
import type { CredentialFacts, CredentialLife, StateView } from "../../src/kinds/state-secret/facts.ts";
import type { AuthenticationMethod, ClientChange, ObservedClient } from "../../src/ports/provider.ts";
import { algorithmFor } from "../../src/ports/signing-algorithms.ts";
import { type ClientWorld, REF } from "./client-world.ts";
import { type Doing, done } from "./rounds.ts";
import { NOW, OUR_MARK, published } from "./worlds.ts";

/** The world as an action leaves it: the tenant does what it is asked, and reads show it at once. */
export const clientAfter = (world: ClientWorld, action: Action): ClientWorld => done(DOING, world, action);

const becoming = (world: ClientWorld, change: Partial<Observed>): ClientWorld => ({
  ...world,
  observed: { ...world.observed, ...change },
});

const ON_THE_CLIENT: Doing<ClientWorld, Exclude<Action, CredentialAction | RotationAction>> = {
  addFinalizer: (world) => becoming(world, { hasFinalizer: true }),
  removeFinalizer: (world) => becoming(world, { hasFinalizer: false }),
  abandonClient: (world) => world,
  createClient: (world, { spec }) => created(world, spec.authenticationMethod, spec.isEnabled ?? true),
  updateClient: (world, { change, remark }) => {
    const mark = remark === undefined ? {} : { mark: { ...OUR_MARK, origin: remark } };
    return holding(world, changed(clientOf(world), { ...change, ...mark }));
  },
  removeUnmanagedGrant: (world, { ref: gone }) =>
    becoming(world, {
      leftBehind: [],
      unmanaged: (world.observed.unmanaged ?? []).filter(({ ref }) => ref !== gone),
    }),
  removeDuplicateClient: (world) =>
    becoming(world, { remote: { kind: "found", client: clientOf(world), duplicates: [] } }),
  removeClient: (world, { ref }) => (ref === REF ? becoming(world, { remote: { kind: "absent" } }) : world),
  releaseClient: (world, { ref }) =>
    ref === undefined ? world : holding(world, changed(clientOf(world), { mark: null })),
  publishSecret: (world) => {
    const { rotation, secret } = world.observed;
    return becoming(world, { secret: published(secret), rotation: { ...rotation, isPublished: true } });
  },
  removeFormerSecret: (world) => becoming(world, { formerSecrets: [] }),
  verifyCredential: (world, action) => verified(world, action),
};

/** The same world at a later time: what was to be waited for until then is over. */
export function clientLater(world: ClientWorld, now: Date): ClientWorld {
  const { observed } = world;
  const { abandonment, provider, remote, rotation } = observed;
  return {
    ...world,
    now,
    observed: {
      ...observed,
      abandonment: { ...abandonment, checkAt: new Date(now.getTime() + 60_000) },
      ...(provider.state === "notReady" ? { provider: { ...provider, until: undefined } } : {}),
      ...(remote.kind === "unsettled" ? { remote: { kind: "absent" as const } } : {}),
      rotation: { ...rotation, allowedAt: undefined },
    },
  };
}

const clientOf = ({ observed: { remote } }: ClientWorld): ObservedClient => {
  if (!("client" in remote) || remote.client === undefined) throw new Error("an action on a client that is not there");
  return remote.client;
};

function holding(world: ClientWorld, client: ObservedClient): ClientWorld {
  const { remote } = world.observed;
  const duplicates = remote.kind === "found" ? remote.duplicates : [];
  return { ...world, observed: { ...world.observed, remote: { kind: "found", client, duplicates } } };
}

function changed(client: ObservedClient, change: ClientChange): ObservedClient {
  const { mark, metadata = {}, restoreServiceType, authenticationMethod: method, ...others } = change;
  const { defaultOrganization, ...settings } = others;
  const fields = {
    ...settings,
    ...(defaultOrganization === undefined ? {} : { defaultOrganization: defaultOrganization ?? undefined }),
  };
  const kept = Object.entries({ ...client.metadata, ...metadata }).filter(([, value]) => value !== null);
  const hadNoSecret = ["private_key_jwt", "kubernetes"].includes(client.authenticationMethod ?? "");
  const isFromKey = method !== undefined && hadNoSecret;
  return {
    ...client,
    ...fields,
    metadata: Object.fromEntries(kept) as Record<string, string>,
    ...(mark === undefined ? {} : { mark: mark ?? undefined }),
    ...(restoreServiceType === true ? { isService: true, isServiceType: true, isEnabled: true, ...fields } : {}),
    ...(method === undefined ? {} : { authenticationMethod: method }),
    ...(isFromKey ? { keyRefs: [], subject: undefined, secrets: [{ ref: "chosen", fingerprint: "chosen" }] } : {}),
  };
}

function verified(world: ClientWorld, action: Extract<Action, { type: "verifyCredential" }>): ClientWorld {
  const { state } = world.observed;
  const verification = {
    ...{ credentialId: state[action.which]?.id ?? "", audience: action.audience, message: "answer", at: world.now },
    ...{ result: world.isRefused ? ("Refused" as const) : ("Verified" as const), tries: action.attempt },
  };
  return { ...world, observed: { ...world.observed, verification } };
}

type Kept = Pick<StateView, "current" | "next" | "previous">;

/** The state Secret holds this now, and so every published Secret is out of date. */
function storing(world: ClientWorld, kept: Kept, ownership: StateView["ownership"] = "ours"): ClientWorld {
  const { observed, made } = world;
  const { name } = observed.state;
  const version = String(made + 2);
  const credentials = Object.fromEntries(Object.entries(kept).filter(([, facts]) => facts !== undefined)) as Kept;
  return {
    ...world,
    made: made + 1,
    observed: {
      ...observed,
      state: { ownership, name, version, ...credentials },
      secret: { ...observed.secret, wanted: `of state ${version}` },
      rotation: { ...observed.rotation, isPublished: false },
    },
  };
}

/** A credential that was not there before. */
function fresh(
  { desired, made, now }: ClientWorld,
  clientId: string,
  method: AuthenticationMethod,
  life: Partial<CredentialLife> = {},
): CredentialFacts {
  const id = `made-${String(made)}`;
  const { compromisedAt, request } = desired.rotation;
  const compromised = compromisedAt !== undefined && "time" in compromisedAt ? compromisedAt.time : now;
  const createdAt = compromised > now ? compromised : now;
  const common = { id, clientId, registration: undefined, request, createdAt: createdAt.toISOString() };
  const whole = { ...common, life: { createdAt, isShown: false, ...life } };
  if (method === "kubernetes") {
    const subject = desired.serviceAccount?.subject ?? "none";
    return { ...whole, kind: "serviceAccount", authenticationMethod: method, subject };
  }
  if (method !== "private_key_jwt") return { ...whole, kind: "secret", authenticationMethod: method, fingerprint: id };
  return {
    ...whole,
    kind: "key",
    authenticationMethod: method,
    keyId: id,
    algorithm: desired.keys.algorithm ?? "RS256",
  };
}

function created(world: ClientWorld, method: AuthenticationMethod, isEnabled: boolean): ClientWorld {
  const { desired, observed } = world;
  const { next, current } = observed.state;
  const isKey = method === "private_key_jwt";
  const written = [next, current].find((facts) => facts?.kind === "key");
  const client: ObservedClient = {
    ...{ ref: REF, clientId: "client", displayName: "job", description: undefined, metadata: desired.spec.metadata },
    ...{ authenticationMethod: method, mark: OUR_MARK, keyRefs: isKey ? ["registered"] : [], readAt: NOW },
    secrets: isKey || method === "kubernetes" ? [] : [{ ref: undefined, fingerprint: `made-${String(world.made)}` }],
    ...(method === "kubernetes" ? { subject: desired.serviceAccount?.subject } : {}),
    ...{ tokenQuota: undefined, defaultOrganization: undefined, isEnabled, isService: true, isServiceType: isEnabled },
    isSystem: false,
  };
  const present = { ...holding(world, client) };
  const absentPublic = {
    ...present,
    observed: { ...present.observed, remote: { kind: "found", client, duplicates: [] } as const },
  };
  if (isKey && desired.keys.publicKeys !== undefined) return registeredOwn(absentPublic, ["registered"]);
  const inForce =
    isKey && written !== undefined
      ? { ...written, clientId: "client", registration: "registered" }
      : fresh(world, "client", method);
  return storing(absentPublic, { current: inForce });
}

/** The user's own keys stand in status alone. */
function registeredOwn(world: ClientWorld, refs: readonly string[]): ClientWorld {
  const { publicKeys = [], algorithm = "RS256" } = world.desired.keys;
  const registered = publicKeys.map(({ keyId, type }, index) => ({
    ...{ ref: refs[index] ?? keyId, keyId, algorithm: algorithmFor(type, algorithm) },
    createdAt: world.now.toISOString(),
  }));
  return { ...world, observed: { ...world.observed, registered } };
}

const withSecrets = (world: ClientWorld, secrets: readonly string[], method?: AuthenticationMethod): ClientWorld =>
  holding(world, {
    ...clientOf(world),
    secrets: secrets.map((id) => ({ ref: id, fingerprint: id })),
    ...{ keyRefs: [], subject: undefined },
    ...(method === undefined ? {} : { authenticationMethod: method }),
  });

const withKeys = (world: ClientWorld, keyRefs: readonly string[]): ClientWorld =>
  holding(world, {
    ...clientOf(world),
    authenticationMethod: "private_key_jwt",
    subject: undefined,
    keyRefs,
    secrets: [],
  });

const idsOf = ({ secrets = [] }: ObservedClient): string[] =>
  secrets.map(({ ref, fingerprint }) => ref ?? fingerprint ?? "unknown");

/** What the state Secret holds, without what the plan knows beside it. */
function keptIn({ observed: { state } }: ClientWorld): Kept {
  const { current, next, previous } = state;
  return {
    ...(current === undefined ? {} : { current }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
}

function living(facts: CredentialFacts | undefined, change: Partial<CredentialLife>): CredentialFacts {
  if (facts === undefined) throw new Error("a step of a credential that is not there");
  return { ...facts, life: { ...facts.life, ...change } };
}

const ON_THE_CREDENTIAL: Doing<ClientWorld, CredentialAction> = {
  storeCredential: (world) => stored(world),
  replaceSecret: (world) => {
    const { clientId, authenticationMethod: method = "client_secret_post" } = clientOf(world);
    const made = fresh(world, clientId, method);
    return storing(withSecrets(world, [made.id]), { current: made, ...unannounced(keptIn(world).previous) });
  },
  claimState: (world) => storing(world, keptIn(world)),
  removeState: (world) => storing(world, {}, "none"),
  prepareKey: (world) => {
    const kept = keptIn(world);
    return storing(world, { ...kept, next: fresh(world, kept.current?.clientId ?? "", "private_key_jwt") });
  },
  registerKey: (world) => {
    const kept = keptIn(world);
    const current = living(kept.current, {});
    const registration = current.registration ?? current.id;
    const refs = [...new Set([...(clientOf(world).keyRefs ?? []), registration])];
    return storing(withKeys(world, refs), { ...kept, current: { ...current, registration } });
  },
  registerSubject: (world, { subject }) => {
    const { current, previous } = keptIn(world);
    const { clientId } = clientOf(world);
    const isKnown = current?.kind === "serviceAccount" && current.subject === subject && current.clientId === clientId;
    if (isKnown) return withSubject(world, subject);
    const made = { ...fresh(world, clientId, "kubernetes"), subject } as CredentialFacts;
    return storing(withSubject(world, subject), { current: made, ...unannounced(previous) });
  },
  registerPublicKeys: (world) => registeredOwn(withKeys(world, ["own"]), ["own"]),
};

const IN_A_ROTATION: Doing<ClientWorld, RotationAction> = {
  prepareNext: (world, { algorithm, isShown, method }) => {
    const { clientId } = clientOf(world);
    const kept = keptIn(world);
    const isSame = Object.values(kept).some((facts: CredentialFacts) => facts.clientId === clientId);
    const made = fresh(world, clientId, method, { isShown });
    return storing(world, { ...(isSame ? kept : {}), next: made.kind === "key" ? { ...made, algorithm } : made });
  },
  registerNext: (world, { insteadOf }) => registeredNext(world, keptIn(world), insteadOf),
  discardNext: (world) => {
    const { next, ...rest } = keptIn(world);
    const isRegistered = next !== undefined && !next.life.isShown;
    return storing(isRegistered ? without(world, [next.registration ?? next.id]) : world, rest);
  },
  noteAnnounced: (world) => {
    const kept = keptIn(world);
    return unseen(world, storing(world, { ...kept, next: living(kept.next, { announcedAt: world.now }) }));
  },
  notePublished: (world) => {
    const kept = keptIn(world);
    return unseen(world, storing(world, { ...kept, current: living(kept.current, { publishedAt: world.now }) }));
  },
  promoteNext: (world) => {
    const kept = keptIn(world);
    return storing(world, inForce(kept, living(kept.next, { activatedAt: world.now, isShown: false }), false));
  },
  switchToNext: (world) => {
    const kept = keptIn(world);
    const made = living(kept.next, { activatedAt: world.now, isShown: false });
    return storing(
      switched(world, made),
      inForce(kept, { ...made, registration: made.id }, kept.next?.life.isShown === true),
    );
  },
  retirePrevious: (world, { credentials }) => {
    const { previous, ...rest } = keptIn(world);
    const own = previous === undefined ? [] : [registrationOf(previous, clientOf(world)) ?? previous.id];
    return storing(without(world, [...own, ...credentials.map(({ ref }) => ref)]), rest);
  },
  forgetPrevious: (world) => {
    const { previous: _forgotten, ...rest } = keptIn(world);
    return storing(world, rest, world.observed.state.ownership);
  },
};

const DOING: Doing<ClientWorld, Action> = { ...ON_THE_CLIENT, ...ON_THE_CREDENTIAL, ...IN_A_ROTATION };

const withSubject = (world: ClientWorld, subject: string): ClientWorld =>
  holding(world, { ...clientOf(world), authenticationMethod: "kubernetes", subject, secrets: [], keyRefs: [] });

/** The tenant takes this credential and, among secrets, no other. */
function switched(world: ClientWorld, made: CredentialFacts): ClientWorld {
  if (made.kind === "serviceAccount") return withSubject(world, made.subject);
  if (made.kind === "secret") return withSecrets(world, [made.id], made.authenticationMethod);
  const { authenticationMethod: method, keyRefs } = clientOf(world);
  return withKeys(world, method === "private_key_jwt" ? [...(keyRefs ?? []), made.id] : [made.id]);
}

/** What changes in the state Secret alone is in no published Secret. */
const unseen = (before: ClientWorld, after: ClientWorld): ClientWorld => ({
  ...after,
  observed: { ...after.observed, secret: before.observed.secret, rotation: before.observed.rotation },
});

const unannounced = (previous: CredentialFacts | undefined): Kept =>
  previous === undefined || previous.life.isShown ? {} : { previous };

function inForce({ current }: Kept, made: CredentialFacts, wasShown: boolean): Kept {
  if (current === undefined) return { current: made };
  return { current: made, previous: { ...current, life: { ...current.life, isShown: wasShown } } };
}

function without(world: ClientWorld, refs: readonly string[]): ClientWorld {
  const client = clientOf(world);
  return holding(world, {
    ...client,
    keyRefs: (client.keyRefs ?? []).filter((ref) => !refs.includes(ref)),
    ...(client.secrets === undefined
      ? {}
      : { secrets: client.secrets.filter(({ ref }) => ref === undefined || !refs.includes(ref)) }),
  });
}

/** The secret in force, as the tenant shows it; where it shows none, a new one. */
function stored(world: ClientWorld): ClientWorld {
  const { authenticationMethod: method = "client_secret_post", clientId, secrets = [] } = clientOf(world);
  const { current, next, previous } = keptIn(world);
  const made = fresh(world, clientId, method);
  const shown = secrets[0]?.fingerprint;
  if (shown === undefined) return storing(withSecrets(world, [made.id]), { current: made });
  if (current?.clientId !== clientId) return storing(world, { current: withPrint(made, shown) });
  const others = { ...(next === undefined ? {} : { next }), ...unannounced(previous) };
  const isSame = current.kind === "secret" && current.fingerprint === shown && method !== "private_key_jwt";
  return isSame
    ? storing(world, { ...keptIn(world), current: { ...current, authenticationMethod: method } })
    : storing(world, { current: withPrint(made, shown), ...others });
}

const withPrint = (made: CredentialFacts, fingerprint: string): CredentialFacts =>
  made.kind === "secret" ? { ...made, fingerprint } : made;

function registeredNext(world: ClientWorld, kept: Kept, insteadOf: string | undefined): ClientWorld {
  const { next, current } = kept;
  if (next === undefined) throw new Error("registerNext of a credential that is not there");
  const client = clientOf(world);
  const { clientId } = client;
  const beside = (refs: readonly string[]): string[] => [
    ...new Set([...refs.filter((ref) => ref !== insteadOf), next.id]),
  ];
  const added =
    next.kind === "key" ? withKeys(world, beside(client.keyRefs ?? [])) : withSecrets(world, beside(idsOf(client)));
  return storing(added, {
    ...kept,
    ...(current === undefined ? {} : { current: { ...current, clientId } }),
    next: { ...next, clientId, registration: next.id, life: { ...next.life, registeredAt: world.now } },
  });
}
