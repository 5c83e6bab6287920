import { listed } from "../../ports/listed.ts";
import { conditionOf } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import type { Reason } from "./reasons.ts";
import type { BaseStatus } from "./report.ts";

/** What somebody changed at the tenant or in the cluster and the operator answered, or what it took away on its own. */
export type Change =
  /** `former` and `clientId` are the same where the ID of a client can be chosen. `secret`: `namespace/name`, as in all of these. */
  | {
      readonly type: "clientRecreated";
      readonly former: string;
      readonly clientId: string;
      readonly secret: string;
    }
  /** `issuer`: the new one, where it is another than before. */
  | { readonly type: "apiRecreated"; readonly audience: string; readonly issuer: string | undefined }
  | { readonly type: "grantRecreated"; readonly audience: string; readonly scopes: readonly string[] }
  /** `object`: as the beginning of a sentence. `fields`: what was changed by hand. */
  | { readonly type: "driftReverted"; readonly object: string; readonly fields: readonly string[] }
  | { readonly type: "credentialChanged"; readonly clientId: string; readonly secret: string }
  /** The state Secret is gone. `isNew`: the credential could not be read again, and the operator put another in force. */
  | { readonly type: "stateLost"; readonly clientId: string; readonly secret: string; readonly isNew: boolean }
  /** On request, where two secrets cannot work at the same time. */
  | { readonly type: "secretReplaced"; readonly clientId: string; readonly secret: string }
  | {
      readonly type: "unmanagedGrantsFound";
      readonly grants: readonly string[];
      readonly isAdopted: boolean;
      readonly isPruned: boolean;
    }
  | { readonly type: "grantPruned"; readonly grant: string }
  | { readonly type: "leftGrantDeleted"; readonly ref: string }
  | { readonly type: "grantsOfApiWithdrawn"; readonly deleted: readonly string[]; readonly narrowed: readonly string[] }
  /** `object`: the provider object, which does not allow the namespace to use the organization. */
  | {
      readonly type: "defaultOrganizationWithdrawn";
      readonly clientId: string;
      readonly organization: string;
      readonly object: string;
      readonly namespace: string;
    }
  | { readonly type: "orphansDeleted"; readonly orphans: readonly string[] };

interface Event {
  readonly type: "Normal" | "Warning";
  readonly reason: Reason;
  readonly message: string;
}

/** Records the event of a change that people want to find later. The only place that words these events. */
export function recordChange({ events }: Pick<KindContext, "events">, resource: Resource, change: Change): void {
  const { type, reason, message } = eventOf(change);
  events.record(resource, type, reason, message);
}

/** Whether this generation was Ready: what differs at the tenant now was changed there. */
export function wasConverged({ metadata, status }: Resource<unknown, BaseStatus>): boolean {
  const isOfThis = status?.observedGeneration === metadata.generation;
  return isOfThis && conditionOf(status?.conditions, "Ready")?.status === "True";
}

const RESTART = "Restart workloads that read it only at their start.";

const eventOf = (change: Change): Event => (isAboutAccess(change) ? accessEvent(change) : objectEvent(change));

/** Of something that changed at the tenant or in the cluster. */
function objectEvent(change: Exclude<Change, AccessChange>): Event {
  switch (change.type) {
    case "clientRecreated":
      return warning("Recreated", clientRecreated(change));
    case "apiRecreated":
      return warning("Recreated", apiRecreated(change));
    case "grantRecreated": {
      const { audience, scopes } = change;
      const what = scopes.length === 0 ? "" : ` of ${listed(scopes, MAX_NAMES)}`;
      return normal(
        "Recreated",
        `The grant${what} on ${audience} was deleted at the provider. The operator created it again.`,
      );
    }
    case "driftReverted":
      return normal(
        "DriftReverted",
        `${change.object} was changed at the provider: ${listed(change.fields, MAX_NAMES)}. The operator restored what the spec says.`,
      );
    case "credentialChanged":
      return warning(
        "CredentialChanged",
        `Somebody changed the credential of client ${change.clientId} at the provider. The operator publishes the new one in Secret ${change.secret}. Restart Pods that read it only at their start. If this was not you, annotate this M2MClient with ${ANNOTATIONS.compromisedAt} and the present time.`,
      );
    case "stateLost":
      return stateLost(change);
    case "secretReplaced":
      return warning(
        "CredentialRotated",
        `The provider replaced the secret of client ${change.clientId}. The old one is no longer valid for anybody. The operator publishes the new one in Secret ${change.secret}. Restart Pods that read it only at their start, and update every other user of this client.`,
      );
  }
}

const ACCESS = [
  "unmanagedGrantsFound",
  "grantPruned",
  "leftGrantDeleted",
  "grantsOfApiWithdrawn",
  "defaultOrganizationWithdrawn",
  "orphansDeleted",
] as const satisfies readonly Change["type"][];

type AccessChange = Extract<Change, { readonly type: (typeof ACCESS)[number] }>;

const isAboutAccess = (change: Change): change is AccessChange => (ACCESS as readonly string[]).includes(change.type);

/** Of access that no resource requests, or that consent no longer allows. */
function accessEvent(change: AccessChange): Event {
  switch (change.type) {
    case "unmanagedGrantsFound":
      // What an adopted client had before is its own.
      return (change.isAdopted ? normal : warning)(
        "UnmanagedGrants",
        `The client has grants at the provider that no ScopeGrant requests: ${listed(change.grants, MAX_NAMES)}. ${change.isPruned ? "Create ScopeGrants for those to keep: the operator deletes the others, as spec.unmanagedGrants says." : "Create ScopeGrants for them, or delete them at the tenant."}`,
      );
    case "grantPruned":
      return normal(
        "AccessRemoved",
        `No ScopeGrant requests the grant of ${change.grant}. The operator deleted it, as spec.unmanagedGrants says.`,
      );
    case "leftGrantDeleted":
      return normal(
        "AccessRemoved",
        `The ScopeGrant of grant ${change.ref} no longer exists. The operator deleted the grant at the tenant.`,
      );
    case "grantsOfApiWithdrawn":
      return normal(
        "AccessRemoved",
        `Consent no longer allows grants that no ScopeGrant manages. ${withdrawn(change)}`,
      );
    case "defaultOrganizationWithdrawn":
      return warning(
        "AccessRemoved",
        `${change.object} does not allow namespace ${change.namespace} to use organization ${change.organization}. The operator removed it as default organization of client ${change.clientId}. Ask the owner of ${change.object} to extend spec.allow[].organizations.`,
      );
    case "orphansDeleted":
      return normal(
        "AccessRemoved",
        `The operator removed orphans at the tenant, as confirmed: ${listed(change.orphans, MAX_NAMES)}.`,
      );
  }
}

const normal = (reason: Reason, message: string): Event => ({ type: "Normal", reason, message });
const warning = (reason: Reason, message: string): Event => ({ type: "Warning", reason, message });

function clientRecreated({ former, clientId, secret }: Extract<Change, { type: "clientRecreated" }>): string {
  const what =
    former === clientId
      ? `The operator created client ${clientId} again, after somebody deleted it at the provider. Secret ${secret} gets its credential.`
      : `Client ${former} was deleted at the provider. The operator created client ${clientId} in place of it. Secret ${secret} gets its client ID and credential.`;
  const elsewhere = former === clientId ? "" : " Replace the old client ID wherever else it is used.";
  return `${what} ${RESTART}${elsewhere}`;
}

function apiRecreated({ audience, issuer }: Extract<Change, { type: "apiRecreated" }>): string {
  const remedy =
    issuer === undefined
      ? "Settings that somebody made at the tenant are lost. Make them again."
      : `Its issuer is now ${issuer}. Configure it where tokens are verified.`;
  return `The API ${audience} was deleted at the provider. The operator created it again, and creates its grants next. ${remedy}`;
}

function stateLost({ clientId, secret, isNew }: Extract<Change, { type: "stateLost" }>): Event {
  const lost = `Secret ${secret}, in which the operator keeps the credential of client ${clientId}, was lost.`;
  if (!isNew) return normal("StateLost", `${lost} The operator stored the same credential again.`);
  return warning("StateLost", `${lost} The operator put a new credential in force and publishes it. ${RESTART}`);
}

function withdrawn({ deleted, narrowed }: Extract<Change, { type: "grantsOfApiWithdrawn" }>): string {
  return [
    ...(deleted.length === 0 ? [] : [`The operator deletes ${listed(deleted, MAX_NAMES)}.`]),
    ...(narrowed.length === 0 ? [] : [`The operator narrows ${listed(narrowed, MAX_NAMES)}.`]),
  ].join(" ");
}

const MAX_NAMES = 10;
