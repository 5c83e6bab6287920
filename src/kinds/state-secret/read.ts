import { stateSecretNameOf } from "./name.ts";
import type { CredentialValues } from "../../publication/inputs.ts";
import { parseState } from "./document.ts";
import type { KindContext } from "../kind-context.ts";
import { versionOf } from "./facts.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { observeState } from "./store.ts";

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

type Ports = Pick<KindContext, "secrets">;

/**
 * The credential that the client with this id has in force, for rendering; `undefined` when the state Secret is not there,
 * is damaged, or is another client's.
 */
export async function readCredential(
  { secrets }: Ports,
  client: M2MClient,
  clientId: string,
): Promise<StoredCredential | undefined> {
  if (hasOwnKeys(client)) return ownKeysOf(client, clientId);
  const { namespace = "", name } = client.metadata;
  const content = await secrets.read(namespace, stateSecretNameOf(name));
  if (content === undefined) return undefined;
  const { current, next, previous, ...stored } = parseState(content.data);
  if (stored.clientId !== clientId || current === undefined) return undefined;
  const shown = (credential: CredentialValues | undefined) => (credential?.isShown === true ? credential : undefined);
  return {
    credential: current,
    next: shown(next),
    previous: shown(previous),
    clientId,
    version: versionOf(content),
  };
}

const hasOwnKeys = ({ spec }: M2MClient): boolean => spec.authentication?.privateKeyJwt?.publicKeys !== undefined;

/** As status records them once they are registered. */
function ownKeysOf({ status }: M2MClient, clientId: string): StoredCredential | undefined {
  const { algorithm, createdAt } = status?.credentials?.[0] ?? {};
  if (algorithm === undefined || createdAt === undefined) return undefined;
  const credential: CredentialValues = {
    ...{ id: OWN_KEYS, createdAt, authenticationMethod: "private_key_jwt" },
    ...{ privateKey: undefined, keyId: undefined, algorithm },
  };
  return { credential, clientId, version: versionOfOwnKeys(algorithm) };
}

const versionOfOwnKeys = (algorithm: string): string => `${OWN_KEYS}/${algorithm}`;

/** The version of what `readCredential` would read; `undefined` while there is nothing that it could. */
export async function credentialVersionOf(
  ports: Ports & Pick<KindContext, "memory" | "fingerprint">,
  client: M2MClient,
  clientId: string,
): Promise<string | undefined> {
  if (hasOwnKeys(client)) return ownKeysOf(client, clientId)?.version;
  const { current, version } = await observeState(ports, client);
  return current?.clientId === clientId ? version : undefined;
}
