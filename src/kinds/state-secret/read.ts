import { stateSecretNameOf } from "./name.ts";
import type { CredentialValues } from "../../publication/inputs.ts";
import { parseState } from "./document.ts";
import type { KindContext } from "../kind-context.ts";
import { versionOf } from "./facts.ts";
import type { M2MClient } from "../m2m-client/schema.ts";

export interface StoredCredential {
  readonly credential: CredentialValues;
  /** Published beside it around the moment of a change. */
  readonly next?: CredentialValues | undefined;
  readonly previous?: CredentialValues | undefined;
  readonly clientId: string;
  /** Stands for the credential: uid and resourceVersion of the state Secret it was read from. */
  readonly version: string;
}

/** Clients whose private keys only their users have keep nothing here: this stands for the credential. */
const OWN_KEYS = "public-keys";

/** The credential in force, for rendering; `undefined` when the state Secret is not there or damaged. */
export async function readCredential(context: KindContext, client: M2MClient): Promise<StoredCredential | undefined> {
  const own = ownKeysOf(client);
  if (own !== undefined) return own;
  const { namespace = "", name } = client.metadata;
  const content = await context.secrets.read(namespace, stateSecretNameOf(name));
  if (content === undefined) return undefined;
  const { clientId, current, next, previous } = parseState(content.data);
  if (clientId === undefined || current === undefined) return undefined;
  const shown = (credential: CredentialValues | undefined) => (credential?.isShown === true ? credential : undefined);
  return {
    credential: current,
    next: shown(next),
    previous: shown(previous),
    clientId,
    version: versionOf(content),
  };
}

function ownKeysOf({ spec, status }: M2MClient): StoredCredential | undefined {
  if (spec.authentication?.privateKeyJwt?.publicKeys === undefined || status?.clientId === undefined) return undefined;
  const [first] = status.credentials ?? [];
  const credential: CredentialValues = {
    id: OWN_KEYS,
    createdAt: first?.createdAt ?? "",
    authenticationMethod: "private_key_jwt",
    privateKey: undefined,
    keyId: undefined,
    algorithm: first?.algorithm ?? spec.authentication.privateKeyJwt.algorithm ?? "RS256",
  };
  return { credential, clientId: status.clientId, version: versionOfOwnKeys(credential.algorithm) };
}

const versionOfOwnKeys = (algorithm: string): string => `${OWN_KEYS}/${algorithm}`;

/** The version of the credential without reading it; `undefined` while there is none. */
export function credentialVersionOf(context: KindContext, client: M2MClient): string | undefined {
  const own = ownKeysOf(client);
  if (own !== undefined) return own.version;
  const { namespace = "", name } = client.metadata;
  const head = context.secrets.head(namespace, stateSecretNameOf(name));
  return head === undefined ? undefined : versionOf(head);
}
