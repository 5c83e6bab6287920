import type { ClientChange, ClientSpec, ObservedClient } from "../../ports/provider.ts";

/** Only what differs and what the spec speaks of: a field that nobody set is never sent. */
export function changeOf(
  desired: { readonly ownsDescription: boolean; readonly ownsMetadata: boolean },
  spec: ClientSpec,
  client: ObservedClient,
): ClientChange {
  const change: { -readonly [K in keyof ClientChange]: ClientChange[K] } = {};
  if (client.displayName !== spec.displayName) change.displayName = spec.displayName;
  if (desired.ownsDescription && (client.description ?? "") !== (spec.description ?? ""))
    change.description = spec.description ?? "";
  if (client.authenticationMethod !== spec.authenticationMethod)
    change.authenticationMethod = spec.authenticationMethod;
  if (!client.isServiceType) change.restoreServiceType = true;
  const metadata = desired.ownsMetadata ? metadataChange(spec.metadata, client.metadata) : undefined;
  if (metadata !== undefined) change.metadata = metadata;
  return change;
}

function metadataChange(
  wanted: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): Readonly<Record<string, string | null>> | undefined {
  const change: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(wanted)) if (present[key] !== value) change[key] = value;
  for (const key of Object.keys(present)) if (!(key in wanted)) change[key] = null;
  return Object.keys(change).length > 0 ? change : undefined;
}
