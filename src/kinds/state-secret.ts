import type { CredentialValues } from "../publication/inputs.ts";
import { parseState } from "../publication/state.ts";
import type { KindContext } from "./kind-context.ts";

/** The operator's own store of one client's credentials: `<client>.m2m-state`, beside the client. */
export function stateSecretNameOf(clientName: string): string {
  return `${clientName}.m2m-state`;
}

export interface StoredCredential {
  readonly credential: CredentialValues;
  readonly clientId: string;
  /** uid and resourceVersion of the state Secret it was read from. */
  readonly version: string;
}

/** The credential in force, for rendering; `undefined` when the state Secret is not there or damaged. */
export async function readCredential(
  context: KindContext,
  namespace: string,
  clientName: string,
): Promise<StoredCredential | undefined> {
  const content = await context.secrets.read(namespace, stateSecretNameOf(clientName));
  if (content === undefined) return undefined;
  const { clientId, current } = parseState(content.data);
  if (clientId === undefined || current === undefined) return undefined;
  return { credential: current, clientId, version: `${content.uid}/${content.resourceVersion}` };
}

/** The version of the state Secret without reading it; `undefined` while there is none. */
export function stateVersionOf(context: KindContext, namespace: string, clientName: string): string | undefined {
  const head = context.secrets.head(namespace, stateSecretNameOf(clientName));
  return head === undefined ? undefined : `${head.uid}/${head.resourceVersion}`;
}
