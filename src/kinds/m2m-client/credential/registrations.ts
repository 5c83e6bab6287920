import type { ObservedClient } from "../../../ports/provider.ts";
import type { Observed, RegisteredCredential } from "../model.ts";
import type { CredentialFacts } from "../../state-secret/facts.ts";

/** The provider's own id of a credential: as it was written down, else by what the provider shows. */
export function registrationOf(facts: CredentialFacts, { secrets = [] }: ObservedClient): string | undefined {
  if (facts.registration !== undefined || facts.kind !== "secret") return facts.registration;
  return secrets.find(({ fingerprint }) => fingerprint === facts.fingerprint)?.ref;
}

/** Ids of everything that the client can authenticate with now. */
export function presentRefs({ secrets = [], keyRefs = [] }: ObservedClient): readonly string[] {
  return [...secrets.flatMap(({ ref }) => (ref === undefined ? [] : [ref])), ...keyRefs];
}

/** What a credential is to be for. */
interface WantedMethod {
  readonly method: string;
  /** Only matters for keys. */
  readonly algorithm: string;
  /** Only matters with a service account. */
  readonly subject: string | undefined;
}

/** Whether it is for this method, and for this algorithm or service account where that matters. */
export function matchesMethod(facts: CredentialFacts, { method, algorithm, subject }: WantedMethod): boolean {
  if (facts.authenticationMethod !== method) return false;
  return facts.kind === "key" ? facts.algorithm === algorithm : facts.kind === "secret" || facts.subject === subject;
}

type Registrations = Pick<Observed, "registered" | "state">;

/** What this resource registered, is still at the provider, and the state Secret no longer knows. */
export function leftOver(
  { registered, state }: Registrations,
  client: ObservedClient,
): readonly RegisteredCredential[] {
  const known = knownRefs(state, client);
  const present = presentRefs(client);
  return registered.filter(({ ref }) => present.includes(ref) && !known.includes(ref));
}

/** What others made: neither written down nor recorded in status. */
export function foreignRefs({ registered, state }: Registrations, client: ObservedClient): readonly string[] {
  const { current } = state;
  // Nothing tells ours from others' then.
  if (current === undefined || registrationOf(current, client) === undefined) return [];
  const known = [...knownRefs(state, client), ...registered.map(({ ref }) => ref)];
  return presentRefs(client).filter((ref) => !known.includes(ref));
}

function knownRefs({ current, next, previous }: Observed["state"], client: ObservedClient): readonly string[] {
  return [current, next, previous].flatMap((facts) => {
    const ref = facts === undefined ? undefined : registrationOf(facts, client);
    return ref === undefined ? [] : [ref];
  });
}
