import type { ApiChange, ApiSpec, ClientSpec, ClientChange, GrantChange, GrantSpec, Ref } from "../ports/provider.ts";
import type { Mark } from "../ports/mark.ts";
import { type FieldChange, partialChanges, shownText } from "./field-changes.ts";
import type { Step, StepOwner } from "./steps.ts";
import { isPlaceholder } from "./tenant/placeholders.ts";
import type { RemoteObject } from "./tenant/tenant.ts";
import type { TenantCall } from "./tenant/writes.ts";

type Described = Pick<Step, "action" | "subject" | "changes" | "isDestructive">;
type Known = (ref: Ref) => RemoteObject | undefined;

/** A call to the tenant as a step. `known`: the object as it is before the call. */
export function tenantStep(owner: StepOwner, call: TenantCall, known: Known): Step {
  return { owner, target: "Tenant", ...describedCall(call, known) };
}

function describedCall({ call, args }: TenantCall, known: Known): Described {
  const [first, second] = args;
  switch (call) {
    case "apis.create":
      return created("create API", (first as ApiSpec).audience, first as ApiSpec);
    case "clients.create":
      return created("create client", (first as ClientSpec).displayName, withoutKeys(first as ClientSpec));
    case "grants.create": {
      const { client, api, ...rest } = first as GrantSpec;
      return created("create grant", `${nameOf(client, known)} on ${api.audience}`, rest);
    }
    case "apis.update":
      return updated("update API", first as Ref, second as ApiChange, known);
    case "clients.update":
      return updated("update client", first as Ref, second as ClientChange, known);
    case "grants.update":
      return updated("update grant", first as Ref, second as GrantChange, known);
    case "tokens.request":
      return { ...plain("request token", String((first as { audience: string }).audience)), isDestructive: false };
    default:
      return describedRest(call, nameOf(first as Ref, known));
  }
}

const REMOVALS: Readonly<Record<string, string>> = {
  "apis.remove": "delete API",
  "clients.remove": "delete client",
  "grants.remove": "delete grant",
  "clients.replaceSecret": "replace client secret",
  "clients.removeSecret": "revoke client secret",
  "clients.removeSecretByValue": "revoke client secret",
  "clients.setPublicKeys": "replace public keys",
  "clients.removePublicKey": "revoke public key",
};

const ADDITIONS: Readonly<Record<string, string>> = {
  "clients.addSecret": "add client secret",
  "clients.addPublicKey": "add public key",
};

function describedRest(call: string, subject: string): Described {
  const removal = REMOVALS[call];
  return { ...plain(removal ?? ADDITIONS[call] ?? call, subject), isDestructive: removal !== undefined };
}

const plain = (action: string, subject: string) => ({ action, subject, changes: [] });

const created = (action: string, subject: string, spec: object): Described => ({
  ...plain(action, subject),
  changes: partialChanges(undefined, spec),
  isDestructive: false,
});

const withoutKeys = ({ publicKeys, ...spec }: ClientSpec): object => ({
  ...spec,
  ...(publicKeys === undefined ? {} : { publicKeys: publicKeys.map(({ keyId }) => keyId) }),
});

function updated(
  action: string,
  ref: Ref,
  { mark, ...change }: { readonly mark?: Mark | null } & object,
  known: Known,
): Described {
  const before = known(ref);
  const ownership: FieldChange[] =
    mark === undefined
      ? []
      : [{ field: "ownership mark", ...(mark === null ? { before: "this resource" } : { after: "this resource" }) }];
  const changes = [...partialChanges(before, change), ...ownership];
  return { action, subject: nameOf(ref, known), changes, isDestructive: isLess(before, change) };
}

/** The change takes scopes away or disables the client. */
function isLess(before: RemoteObject | undefined, change: object): boolean {
  const { isEnabled, scopes } = change as { readonly isEnabled?: boolean; readonly scopes?: readonly unknown[] };
  if (isEnabled === false) return true;
  if (scopes === undefined || before === undefined || !("scopes" in before)) return false;
  const left = new Set(scopes.map(scopeName));
  return before.scopes.some((scope) => !left.has(scopeName(scope)));
}

const scopeName = (scope: unknown): string =>
  typeof scope === "string" ? scope : String((scope as { readonly name: string }).name);

/** How people call a remote object. */
function nameOf(ref: Ref, known: Known): string {
  const object = known(ref);
  if (object === undefined) return shownText(ref) ?? "";
  if ("clientId" in object)
    return isPlaceholder(object.clientId) ? object.displayName : `${object.displayName} (${object.clientId})`;
  if ("tokens" in object) return object.audience;
  const client = object.client === "*" ? "all clients" : nameOf(object.client, known);
  return `${client} on ${object.audience}`;
}
