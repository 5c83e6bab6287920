import { differences, settingsText } from "../access/differences.ts";
import type { Preview } from "../access/observe-only.ts";
import type { ObservedClient } from "../../ports/provider.ts";
import type { Action, Desired, Observed } from "./model.ts";

/** What the plan of an M2MClient would do at the tenant. */
export const previewFor = ({ keys, owner }: Desired): Preview<Action, Observed> => ({
  describe: (action, observed) => describe(action, observed, keys),
  after: (action, observed) => after(action, observed, owner),
});

function describe(action: Action, observed: Observed, keys: Desired["keys"]): string | undefined {
  const client = clientIn(observed);
  switch (action.type) {
    case "createClient": {
      const { displayName, authenticationMethod, metadata, tokenQuota, defaultOrganization, isEnabled } = action.spec;
      const settings = {
        metadata,
        tokenQuota,
        defaultOrganization,
        isEnabled: isEnabled === false ? false : undefined,
      };
      return `create client "${displayName}" (${authenticationMethod})${settingsText(settings)}`;
    }
    case "updateClient":
      return updateText(action, client, keys);
    case "removeUnmanagedGrant":
      return `delete grant ${action.ref} on ${observed.unmanaged?.find(({ ref }) => ref === action.ref)?.audience ?? "its API"}`;
    case "removeDuplicateClient":
      return `delete the duplicate client ${action.ref}`;
    case "removeClient":
      return `delete client ${action.ref}`;
    case "releaseClient":
      return action.ref === undefined ? undefined : `remove the ownership mark from client ${action.ref}`;
    case "replaceSecret":
      return `replace the secret of client ${action.ref}`;
    case "registerSubject":
      return `register service account ${action.subject} for client ${action.ref}`;
    case "registerKey":
      return `register the public key of client ${action.ref} again`;
    case "registerPublicKeys":
      return `register the public keys of the spec for client ${action.ref}`;
    case "prepareNext":
      if (action.method === "kubernetes") return `change client ${action.ref} to its service account`;
      return `generate and register a new credential (${action.method}) of client ${action.ref}`;
    case "registerNext":
      return `register the generated credential of client ${action.ref}`;
    case "switchToNext":
      return `put the announced credential of client ${action.ref} in force`;
    case "discardNext":
      return `remove the generated credential of client ${action.ref}`;
    case "retirePrevious":
      return `revoke the previous credential of client ${action.ref}`;
    case "addFinalizer":
    case "publishSecret":
    case "removeFormerSecret":
    case "verifyCredential":
    case "storeCredential":
    case "claimState":
    case "removeState":
    case "prepareKey":
    case "noteAnnounced":
    case "promoteNext":
    case "notePublished":
    case "forgetPrevious":
    case "abandonClient":
    case "removeFinalizer":
      return undefined;
  }
}

function updateText(
  { ref, change, remark }: Extract<Action, { type: "updateClient" }>,
  client: ObservedClient | undefined,
  { publicKeys }: Desired["keys"],
): string {
  const { authenticationMethod: method } = change;
  const isRotation = method !== undefined && method !== client?.authenticationMethod;
  const { restoreServiceType, ...fields } = change;
  const parts = [
    differences(fields, client),
    // Another method is a rotation to another credential. The keys of the spec are their owner's.
    ...(isRotation && publicKeys === undefined ? ["generate a new credential for it"] : []),
    ...(restoreServiceType === true ? ["make it a machine-to-machine client again"] : []),
    ...(remark === undefined ? [] : ["write the ownership mark"]),
  ].filter((part) => part !== "");
  return `${remark === "adopted" ? "adopt" : "update"} client ${ref} (${parts.join(", ")})`;
}

/** What differs in fields is one step; what its credential needs comes after. */
function after(action: Action, observed: Observed, owner: Desired["owner"]): Observed | undefined {
  const client = clientIn(observed);
  if (action.type !== "updateClient" || client === undefined) return undefined;
  const { mark: _mark, restoreServiceType: _service, defaultOrganization, ...fields } = action.change;
  const organization =
    defaultOrganization === undefined ? {} : { defaultOrganization: defaultOrganization ?? undefined };
  const { remark: origin } = action;
  const mark = origin === undefined ? {} : { mark: { ...owner, origin, nonce: "" } };
  const metadata = { metadata: mergedMetadata(client.metadata, fields.metadata) };
  const changed = {
    ...client,
    ...definedOf(fields),
    ...metadata,
    ...organization,
    ...mark,
    isServiceType: true,
  } as ObservedClient;
  return { ...observed, remote: { kind: "found", client: changed, duplicates: [] } };
}

const definedOf = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** `null` takes a key off. */
function mergedMetadata(
  present: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  const entries = Object.entries({ ...present, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

const clientIn = ({ remote }: Observed): ObservedClient | undefined => ("client" in remote ? remote.client : undefined);
