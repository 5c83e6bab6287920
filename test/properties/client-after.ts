import type { Action, CredentialAction, Observed, RotationAction } from "../../src/kinds/m2m-client/model.ts";
import { registrationOf } from "../../src/kinds/m2m-client/credential/registrations.ts";
import type { CredentialFacts, CredentialLife, StateView } from "../../src/kinds/state-secret/facts.ts";
import type { AuthenticationMethod, ClientChange, ObservedClient } from "../../src/ports/provider.ts";
import { type ClientWorld, REF } from "./client-world.ts";
import { NOW, OUR_MARK, published } from "./worlds.ts";

/** The world as an action leaves it: the tenant does what it is asked, and reads show it at once. */
export function clientAfter(world: ClientWorld, action: Action): ClientWorld {
  const { observed } = world;
  const becoming = (change: Partial<Observed>): ClientWorld => ({ ...world, observed: { ...observed, ...change } });
  switch (action.type) {
    case "addFinalizer":
      return becoming({ hasFinalizer: true });
    case "removeFinalizer":
      return becoming({ hasFinalizer: false });
    case "abandonClient":
      return world;
    case "createClient":
      return created(world, action.spec.authenticationMethod, action.spec.isEnabled ?? true);
    case "updateClient": {
      const mark = action.remark === undefined ? {} : { mark: { ...OUR_MARK, origin: action.remark } };
      return holding(world, changed(clientOf(world), { ...action.change, ...mark }));
    }
    case "removeUnmanagedGrant":
      return becoming({
        leftBehind: [],
        unmanaged: (observed.unmanaged ?? []).filter(({ ref }) => ref !== action.ref),
      });
    case "removeDuplicateClient":
      return becoming({ remote: { kind: "found", client: clientOf(world), duplicates: [] } });
    case "removeClient":
      return action.ref === REF ? becoming({ remote: { kind: "absent" } }) : world;
    case "releaseClient":
      return action.ref === undefined ? world : holding(world, changed(clientOf(world), { mark: null }));
    case "publishSecret":
      return becoming({ secret: published(observed.secret), rotation: { ...observed.rotation, isPublished: true } });
    case "removeFormerSecret":
      return becoming({ formerSecrets: [] });
    case "verifyCredential":
      return verified(world, action);
    default:
      return credentialAfter(world, action);
  }
}

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
  const { mark, metadata = {}, restoreServiceType, authenticationMethod: method, ...fields } = change;
  const kept = Object.entries({ ...client.metadata, ...metadata }).filter(([, value]) => value !== null);
  const isFromKey = method !== undefined && client.authenticationMethod === "private_key_jwt";
  return {
    ...client,
    ...fields,
    metadata: Object.fromEntries(kept) as Record<string, string>,
    ...(mark === undefined ? {} : { mark: mark ?? undefined }),
    ...(restoreServiceType === true ? { isService: true, isServiceType: true, isEnabled: true, ...fields } : {}),
    ...(method === undefined ? {} : { authenticationMethod: method }),
    ...(isFromKey ? { keyRefs: [], secrets: [{ ref: "chosen", fingerprint: "chosen" }] } : {}),
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
    secrets: isKey ? [] : [{ ref: undefined, fingerprint: `made-${String(world.made)}` }],
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
  const registered = publicKeys.map(({ keyId }, index) => ({
    ...{ ref: refs[index] ?? keyId, keyId, algorithm, createdAt: world.now.toISOString() },
  }));
  return { ...world, observed: { ...world.observed, registered } };
}

const withSecrets = (world: ClientWorld, secrets: readonly string[], method?: AuthenticationMethod): ClientWorld =>
  holding(world, {
    ...clientOf(world),
    secrets: secrets.map((id) => ({ ref: id, fingerprint: id })),
    keyRefs: [],
    ...(method === undefined ? {} : { authenticationMethod: method }),
  });

const withKeys = (world: ClientWorld, keyRefs: readonly string[]): ClientWorld =>
  holding(world, { ...clientOf(world), authenticationMethod: "private_key_jwt", keyRefs, secrets: [] });

const idsOf = ({ secrets = [] }: ObservedClient): string[] =>
  secrets.map(({ ref, fingerprint }) => ref ?? fingerprint ?? "unknown");

function credentialAfter(world: ClientWorld, action: CredentialAction | RotationAction): ClientWorld {
  const { observed, now } = world;
  const { current, next, previous, ownership } = observed.state;
  const kept: Kept = {
    ...(current === undefined ? {} : { current }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
  const inLife = (facts: CredentialFacts | undefined, change: Partial<CredentialLife>): CredentialFacts => {
    if (facts === undefined) throw new Error(`${action.type} of a credential that is not there`);
    return { ...facts, life: { ...facts.life, ...change } };
  };
  switch (action.type) {
    case "storeCredential":
      return stored(world);
    case "replaceSecret": {
      const made = fresh(world, clientOf(world).clientId, clientOf(world).authenticationMethod ?? "client_secret_post");
      return storing(withSecrets(world, [made.id]), { current: made, ...unannounced(previous) });
    }
    case "claimState":
      return storing(world, kept);
    case "removeState":
      return storing(world, {}, "none");
    case "prepareKey":
      return storing(world, { ...kept, next: fresh(world, current?.clientId ?? "", "private_key_jwt") });
    case "registerKey": {
      const registration = current?.registration ?? current?.id ?? "";
      const known = { ...inLife(current, {}), registration };
      return storing(withKeys(world, [...new Set([...clientOf(world).keyRefs, registration])]), {
        ...kept,
        current: known,
      });
    }
    case "registerPublicKeys":
      return registeredOwn(withKeys(world, ["own"]), ["own"]);
    case "prepareNext": {
      const { clientId } = clientOf(world);
      const isSame = current?.clientId === clientId || previous?.clientId === clientId || next?.clientId === clientId;
      const made = fresh(world, clientId, action.method, { isShown: action.isShown });
      const whole = made.kind === "key" ? { ...made, algorithm: action.algorithm } : made;
      return storing(world, { ...(isSame ? kept : {}), next: whole });
    }
    case "registerNext":
      return registeredNext(world, kept, action.insteadOf);
    case "discardNext": {
      const { next: _discarded, ...rest } = kept;
      return storing(
        next === undefined || next.life.isShown ? world : without(world, [next.registration ?? next.id]),
        rest,
      );
    }
    case "noteAnnounced":
      return unseen(world, storing(world, { ...kept, next: inLife(next, { announcedAt: now }) }));
    case "notePublished":
      return unseen(world, storing(world, { ...kept, current: inLife(current, { publishedAt: now }) }));
    case "promoteNext":
      return storing(world, inForce(kept, inLife(next, { activatedAt: now, isShown: false }), false));
    case "switchToNext": {
      const made = inLife(next, { activatedAt: now, isShown: false });
      const client = clientOf(world);
      const isKept = made.kind === "key" && client.authenticationMethod === "private_key_jwt";
      const switched =
        made.kind === "key"
          ? withKeys(world, isKept ? [...client.keyRefs, made.id] : [made.id])
          : withSecrets(world, [made.id], made.authenticationMethod);
      return storing(switched, inForce(kept, { ...made, registration: made.id }, next?.life.isShown === true));
    }
    case "retirePrevious": {
      const { previous: _retired, ...rest } = kept;
      const own = previous === undefined ? [] : [registrationOf(previous, clientOf(world)) ?? previous.id];
      return storing(without(world, [...own, ...action.credentials.map(({ ref }) => ref)]), rest);
    }
    case "forgetPrevious": {
      const { previous: _forgotten, ...rest } = kept;
      return storing(world, rest, ownership);
    }
  }
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
    keyRefs: client.keyRefs.filter((ref) => !refs.includes(ref)),
    ...(client.secrets === undefined
      ? {}
      : { secrets: client.secrets.filter(({ ref }) => ref === undefined || !refs.includes(ref)) }),
  });
}

/** The secret in force, as the tenant shows it; where it shows none, a new one. */
function stored(world: ClientWorld): ClientWorld {
  const client = clientOf(world);
  const { current, next, previous } = world.observed.state;
  const method = client.authenticationMethod ?? "client_secret_post";
  const shown = client.secrets?.[0]?.fingerprint;
  const made = fresh(world, client.clientId, method);
  const inForceNow = shown === undefined || made.kind === "key" ? made : { ...made, fingerprint: shown };
  const seen = shown === undefined ? withSecrets(world, [made.id]) : world;
  const isSame = current?.kind === "secret" && current.fingerprint === shown && current.clientId === client.clientId;
  if (isSame && method !== "private_key_jwt")
    return storing(seen, { ...world.observed.state, current: { ...current, authenticationMethod: method } });
  const isSameClient = current?.clientId === client.clientId;
  return storing(seen, {
    current: inForceNow,
    ...(isSameClient && next !== undefined ? { next } : {}),
    ...(isSameClient ? unannounced(previous) : {}),
  });
}

function registeredNext(world: ClientWorld, kept: Kept, insteadOf: string | undefined): ClientWorld {
  const { next, current } = kept;
  if (next === undefined) throw new Error("registerNext of a credential that is not there");
  const client = clientOf(world);
  const { clientId } = client;
  const beside = (refs: readonly string[]): string[] => [
    ...new Set([...refs.filter((ref) => ref !== insteadOf), next.id]),
  ];
  const added =
    next.kind === "key" ? withKeys(world, beside(client.keyRefs)) : withSecrets(world, beside(idsOf(client)));
  return storing(added, {
    ...kept,
    ...(current === undefined ? {} : { current: { ...current, clientId } }),
    next: { ...next, clientId, registration: next.id, life: { ...next.life, registeredAt: world.now } },
  });
}
