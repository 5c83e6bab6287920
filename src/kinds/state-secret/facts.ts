import type { ObjectContent, ObjectHead } from "../../ports/cluster.ts";
import type { AuthenticationMethod } from "../../ports/provider.ts";
import type { CredentialValues } from "../../publication/inputs.ts";
import { parseState } from "./document.ts";

/** One credential's life, without its value. A time is absent until the step it belongs to was done. */
export interface CredentialLife {
  readonly createdAt: Date;
  /** Since when the provider accepts it beside the one in force. */
  readonly registeredAt?: Date | undefined;
  /** Since when every published Secret shows it as the next one. */
  readonly announcedAt?: Date | undefined;
  /** Since when it is the one in force; absent for a first credential. */
  readonly activatedAt?: Date | undefined;
  /** Since when every published Secret holds it as the one in force. */
  readonly publishedAt?: Date | undefined;
  /** Published beside the one in force, since no two work at a time: an announced rotation. */
  readonly isShown: boolean;
}

/** The state Secret, without values. */
export interface StateView {
  readonly ownership: "none" | "ours" | "takeOver" | "foreign";
  readonly name: string;
  /** uid and resourceVersion; stands for the content. */
  readonly version: string;
  readonly current?: CredentialFacts;
  readonly next?: CredentialFacts;
  readonly previous?: CredentialFacts;
}

/** What may be known of a credential in the state Secret. */
export type CredentialFacts = {
  readonly id: string;
  /** Of the client it belongs to; empty until there is one. */
  readonly clientId: string;
  readonly createdAt: string;
  readonly authenticationMethod: AuthenticationMethod;
  /** The provider's own id of it; `undefined` until it is known. */
  readonly registration: string | undefined;
  /** Times of its life, for the decision what comes next. */
  readonly life: CredentialLife;
  /** The request for a rotation that it answers. */
  readonly request?: string | undefined;
} & (
  | { readonly kind: "secret"; readonly fingerprint: string }
  | { readonly kind: "key"; readonly keyId: string; readonly algorithm: string }
  | { readonly kind: "serviceAccount"; readonly subject: string }
);

/** What this process remembers of a state Secret until status records it, so that it is read once per version. */
export interface RememberedState extends Pick<StateView, "current" | "next" | "previous" | "version"> {
  readonly version: string;
}

interface Fingerprinter {
  /** Keyed with a value that lives as long as the installation, and that nobody else has. */
  fingerprint(value: string): string;
}

/** Stands for the content of an object: uid and resourceVersion. */
export const versionOf = ({ uid, resourceVersion }: Pick<ObjectHead, "uid" | "resourceVersion">): string =>
  `${uid}/${resourceVersion}`;

/** What may be remembered of a state Secret: every value is replaced by a keyed fingerprint. */
export function factsOf(context: Fingerprinter, content: ObjectContent): RememberedState {
  const { clientId = "", current, next, previous } = parseState(content.data);
  const facts = (credential: CredentialValues | undefined) =>
    credential === undefined ? undefined : credentialFacts(context, clientId, credential);
  const [inForce, coming, former] = [clientId === "" ? undefined : facts(current), facts(next), facts(previous)];
  return {
    version: versionOf(content),
    // Nobody knows whose a credential without a client is.
    ...(inForce === undefined ? {} : { current: inForce }),
    ...(coming === undefined ? {} : { next: coming }),
    ...(former === undefined ? {} : { previous: former }),
  };
}

function credentialFacts(context: Fingerprinter, clientId: string, credential: CredentialValues): CredentialFacts {
  const { id, createdAt, authenticationMethod, registration, request } = credential;
  const common = { id, clientId, createdAt, authenticationMethod, registration, request, life: lifeOf(credential) };
  if (credential.authenticationMethod === "kubernetes")
    return { ...common, kind: "serviceAccount", subject: credential.subject };
  if (credential.authenticationMethod !== "private_key_jwt")
    return { ...common, kind: "secret", fingerprint: context.fingerprint(credential.clientSecret) };
  const { keyId = "", algorithm } = credential;
  return { ...common, kind: "key", keyId, algorithm };
}

/** The times of a life as text, as they are kept. */
type WrittenLife = Pick<
  CredentialValues,
  "createdAt" | "registeredAt" | "announcedAt" | "activatedAt" | "publishedAt" | "isShown"
>;

export function lifeOf(credential: WrittenLife): CredentialLife {
  const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
  return {
    createdAt: new Date(credential.createdAt),
    registeredAt: timeOf(credential.registeredAt),
    announcedAt: timeOf(credential.announcedAt),
    activatedAt: timeOf(credential.activatedAt),
    publishedAt: timeOf(credential.publishedAt),
    isShown: credential.isShown === true,
  };
}
