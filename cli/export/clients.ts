import { m2mClientSchema } from "../../src/kinds/m2m-client/schema.ts";
import type { Capabilities, ListedClient, TokenQuota } from "../../src/ports/provider.ts";
import { expressible } from "./expressible.ts";
import { defined, type Remark } from "./manifest.ts";
import type { Placed } from "./plan.ts";
import { type Written, written } from "./written.ts";

/** How people find a client again. */
export const clientTitle = ({ displayName, clientId }: Pick<ListedClient, "displayName" | "clientId">): string =>
  `client ${JSON.stringify(displayName)} (${clientId})`;

/** The spec that adopts a client. `primaryGrant`: of a client with several, the one that fills the keys for one API. */
export function clientSpec(
  { listed, name }: Placed<ListedClient>,
  capabilities: Capabilities,
  {
    providerRef,
    primaryGrant,
  }: { readonly providerRef: object | undefined; readonly primaryGrant: string | undefined },
): Written {
  const { clientId, displayName, description, metadata, authenticationMethod, tokenQuota, isEnabled } = listed;
  const isDefaultMethod =
    authenticationMethod === undefined || authenticationMethod === capabilities.authenticationMethods[0];
  const possible = expressible(
    m2mClientSchema.shape.spec,
    defined({
      providerRef,
      ...{ clientId, adopt: true },
      displayName: displayName === name || displayName === "" ? undefined : displayName,
      description: description === "" ? undefined : description,
      authentication: isDefaultMethod ? undefined : { method: authenticationMethod, ...accountOf(listed) },
      metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
      tokenQuota: capabilities.tokenQuotas && tokenQuota !== undefined ? quotaOf(tokenQuota) : undefined,
      defaultOrganization: listed.defaultOrganization,
      secret: primaryGrant === undefined ? undefined : { primaryGrant },
      enabled: isEnabled ? undefined : false,
    }),
    ["clientId"],
  );
  const { spec, remarks } = written(clientTitle(listed), possible, listed.beyond);
  return { spec, remarks: [...remarks, ...keyNotes(listed, capabilities), ...accountNotes(listed)] };
}

/** `sub` of a service account's tokens. Names of namespaces and service accounts have no colon. */
const SUBJECT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function accountOf({ subject = "" }: ListedClient): object {
  const [, , name] = SUBJECT.exec(subject) ?? [];
  return name === undefined ? {} : { serviceAccount: { name } };
}

/** A resource can name only service accounts of its own namespace. */
function accountNotes(client: ListedClient): readonly Remark[] {
  const [, namespace] = SUBJECT.exec(client.subject ?? "") ?? [];
  if (namespace === undefined) return [];
  return [
    { kind: "note", text: `${clientTitle(client)}: apply it in namespace ${namespace}, where its service account is.` },
  ];
}

const quotaOf = ({ perHour, perDay, enforce }: TokenQuota): object =>
  defined({ perHour, perDay, enforce: enforce === false ? false : undefined });

/** Nobody but its workload has the private half of a key that is there. */
function keyNotes(client: ListedClient, { maxPublicKeys }: Capabilities): readonly Remark[] {
  if (client.authenticationMethod !== "private_key_jwt") return [];
  const count = client.keyRefs?.length ?? 0;
  const full = count >= maxPublicKeys ? ` It has the maximum of ${String(maxPublicKeys)}: delete one first.` : "";
  return [
    {
      kind: "note",
      text: `${clientTitle(client)}: the operator registers a key of its own beside the present ${count === 1 ? "key" : "keys"}.${full}`,
    },
  ];
}
