import type { Clients, ObservedClient, Ref, Subjects } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Serial } from "../../tenant/serial.ts";
import type { AttributeChange } from "./attributes.ts";
import { newSecret } from "./new-secret.ts";
import type { RealmClient } from "./realm-client.ts";

/** Alias of the identity provider that signs the assertions, and `sub` of these. */
const ISSUER = "jwt.credential.issuer";
const SUBJECT = "jwt.credential.sub";

export const SUBJECT_ATTRIBUTES: readonly string[] = [ISSUER, SUBJECT];

/** How old a listing may be in which a new subject is looked up, in milliseconds. */
const FRESH_MS = 30_000;

interface SubjectParts {
  /** Alias of the realm's identity provider for this cluster. */
  readonly alias: string;
  readonly serial: Serial;
  readonly now: () => Date;
  /** Reads the realm's clients again unless they were read at or after `notBefore`. */
  readonly refresh: (notBefore: Date) => Promise<void>;
  /** Clients under this key, as they were last read. */
  readonly byKey: (key: string) => readonly RealmClient[];
  readonly observe: (client: RealmClient) => ObservedClient;
  /** As Keycloak has it now. Throws `not_found`. */
  readonly present: (ref: Ref) => Promise<RealmClient>;
  readonly change: (ref: Ref, body: object) => Promise<RealmClient>;
}

export interface ClientSubjects extends Subjects {
  /** Creates a client with this subject by `create`, unless another client has it. */
  creating<T>(subject: string, create: () => Promise<T>): Promise<T>;
}

/** Keycloak finds a client by alias and subject alone, and refuses both clients where two have the same. */
export function createSubjects(parts: SubjectParts): ClientSubjects {
  const { alias, serial, now, refresh, byKey, observe, present, change } = parts;
  /** One at a time for each subject, so that no other of this process comes between the read and the write. */
  const claiming = <T>(subject: string, own: Ref | undefined, write: () => Promise<T>): Promise<T> =>
    serial(`subject ${subject}`, async () => {
      await refresh(new Date(now().getTime() - FRESH_MS));
      const other = byKey(keyOf(alias, subject)).find(({ ref }) => ref !== own);
      if (other !== undefined) throw claimedBy(other);
      return write();
    });
  return {
    findBy: async (subject) => {
      await refresh(new Date(0));
      return byKey(keyOf(alias, subject)).map(observe);
    },
    creating: (subject, create) => claiming(subject, undefined, create),
    set: (ref, subject) =>
      serial(ref, async () => {
        if (hasSubject(await present(ref), alias, subject)) return;
        await claiming(subject, ref, () => change(ref, authenticatedBySubject(alias, subject)));
      }),
  };
}

const claimedBy = ({ clientId }: RealmClient): ProviderError =>
  new ProviderError(
    "disputed",
    `Client ${clientId} of the realm has the same service account, and Keycloak would refuse both. Use another service account, or delete that client.`,
  );

const AUTHENTICATOR = "federated-jwt";

/** Keycloak keeps the secret of a client that changes to this, and takes it again later: nobody may know it. */
export const authenticatedBySubject = (alias: string, subject: string) => ({
  clientAuthenticatorType: AUTHENTICATOR,
  secret: newSecret(),
  attributes: { [ISSUER]: alias, [SUBJECT]: subject },
});

/** For a client that authenticates in another way from now on. */
export const withoutSubject = (): AttributeChange => ({ [ISSUER]: null, [SUBJECT]: null });

function hasSubject({ authenticator, attributes }: RealmClient, alias: string, subject: string): boolean {
  return authenticator === AUTHENTICATOR && attributes[ISSUER] === alias && attributes[SUBJECT] === subject;
}

/** `sub` of the tokens that the client authenticates with; `undefined` unless they come from this identity provider. */
export function subjectOf({ authenticator, attributes }: RealmClient, alias: string | undefined): string | undefined {
  const isOurs = authenticator === AUTHENTICATOR && alias !== undefined && attributes[ISSUER] === alias;
  return isOurs ? attributes[SUBJECT] : undefined;
}

const keyOf = (alias: string, subject: string): string => `${alias} ${subject}`;

/** For the index of clients by what Keycloak finds them by, which are attributes alone. */
export function subjectKeysIn({ attributes }: RealmClient): readonly string[] {
  const { [ISSUER]: alias, [SUBJECT]: subject } = attributes;
  return alias === undefined || subject === undefined ? [] : [keyOf(alias, subject)];
}

/** Without an alias no client has a subject of this cluster. */
export const subjectsOf = (subjects: ClientSubjects | undefined): Pick<Clients, "subjects"> =>
  subjects === undefined ? {} : { subjects };
