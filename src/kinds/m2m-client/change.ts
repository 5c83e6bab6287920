import type { Owns } from "./model.ts";
import type { ClientChange, ClientSpec, ObservedClient, TokenQuota } from "../../ports/provider.ts";

/** Only fields that differ and that the spec sets. A field that is not set is never sent. */
export function changeOf(owns: Owns, isAdopted: boolean, spec: ClientSpec, client: ObservedClient): ClientChange {
  const metadata = owns.metadata ? metadataChange(spec.metadata, client.metadata, isAdopted) : undefined;
  return {
    ...textChange(owns, isAdopted, spec, client),
    ...methodChange(owns, isAdopted, spec, client),
    ...serviceChange(owns, isAdopted, spec, client),
    ...quotaChange(spec.tokenQuota, client.tokenQuota),
    ...(spec.defaultOrganization === undefined || spec.defaultOrganization === client.defaultOrganization
      ? {}
      : { defaultOrganization: spec.defaultOrganization }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function textChange(owns: Owns, isAdopted: boolean, spec: ClientSpec, client: ObservedClient): ClientChange {
  const isNamed = owns.displayName || !isAdopted;
  const description = spec.description ?? "";
  return {
    ...(isNamed && client.displayName !== spec.displayName ? { displayName: spec.displayName } : {}),
    ...(owns.description && (client.description ?? "") !== description ? { description } : {}),
  };
}

/** Keys and service accounts are registered in one step of their own, which changes the method with them. */
function methodChange(owns: Owns, isAdopted: boolean, spec: ClientSpec, client: ObservedClient): ClientChange {
  const { authenticationMethod: method } = spec;
  if (isAdopted && !owns.authenticationMethod) return {};
  if (method === "private_key_jwt" || method === "kubernetes" || client.authenticationMethod === method) return {};
  return { authenticationMethod: method };
}

/** An adopted client may use other grant types too, which the operator does not remove. */
function serviceChange(owns: Owns, isAdopted: boolean, spec: ClientSpec, client: ObservedClient): ClientChange {
  const isEnabled = spec.isEnabled ?? true;
  if (isAdopted) return owns.isEnabled && client.isEnabled !== isEnabled ? { isEnabled } : {};
  return {
    ...(client.isServiceType ? {} : { restoreServiceType: true as const }),
    ...(client.isEnabled !== isEnabled || (!client.isServiceType && !isEnabled) ? { isEnabled } : {}),
  };
}

function quotaChange(wanted: TokenQuota | undefined, present: TokenQuota | undefined): ClientChange {
  if (wanted === undefined) return {};
  const isSame =
    present !== undefined &&
    wanted.perHour === present.perHour &&
    wanted.perDay === present.perDay &&
    (wanted.enforce ?? true) === (present.enforce ?? true);
  return isSame ? {} : { tokenQuota: wanted };
}

/** Metadata keys of an adopted client that the spec does not name belong to others. */
function metadataChange(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
  keepsOthers: boolean,
): Readonly<Record<string, string | null>> | undefined {
  const change: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(wanted)) if (present[key] !== value) change[key] = value;
  if (!keepsOthers) for (const key of Object.keys(present)) if (!(key in wanted)) change[key] = null;
  return Object.keys(change).length > 0 ? change : undefined;
}
