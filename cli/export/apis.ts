import { oAuthApiSchema } from "../../src/kinds/oauth-api/schema.ts";
import { durationText } from "../../src/kinds/schema/duration.ts";
import type { ApiScope, ApiTokens, Capabilities, ListedApi } from "../../src/ports/provider.ts";
import { expressible } from "./expressible.ts";
import { defined } from "./manifest.ts";
import type { ExportInput, Placed } from "./plan.ts";
import { type Written, written } from "./written.ts";

type Allowed = readonly { readonly namespaces: object; readonly scopes?: readonly string[] }[];

/** The spec that adopts an API. `isShared`: others have its audience. */
export function apiSpec(
  { listed, name }: Placed<ListedApi>,
  { capabilities, section, vendor }: ExportInput,
  common: { readonly providerRef: object | undefined; readonly allowedGrants: Allowed; readonly isShared: boolean },
): Written {
  const { displayName, description, audience, scopes, tokens, ref } = listed;
  // Where several can have one audience, the ID tells which is meant.
  const adopted = capabilities.sharesAudiences && (common.isShared || listed.isSystem);
  const settings = { ...listed.settings, ...(adopted ? { authorizationServerId: ref } : {}) };
  const possible = expressible(
    oAuthApiSchema.shape.spec,
    defined({
      providerRef: common.providerRef,
      ...{ audience, adopt: true },
      displayName: displayName === undefined || displayName === name ? undefined : displayName,
      description: capabilities.apiDescriptions ? description : undefined,
      scopes: scopes.map((scope) => scopeOf(scope, capabilities)),
      tokens: tokensOf(tokens, capabilities),
      [vendor]: section?.sectionOf(settings, tokens),
      allowedGrants: common.allowedGrants.length === 0 ? undefined : common.allowedGrants,
    }),
    ["audience", "scopes"],
  );
  return written(`API ${audience}`, possible, listed.beyond);
}

function scopeOf({ name, description, isDefault }: ApiScope, { whenNoneRequested }: Capabilities): object {
  return defined({
    name,
    description: description === "" ? undefined : description,
    default: whenNoneRequested === "defaults" && isDefault === true ? true : undefined,
  });
}

/** Without what the provider does by default. */
function tokensOf(
  { lifetimeSeconds, signingAlgorithm, profile, permissions }: ApiTokens,
  { tokenLifetime, signingAlgorithms, profiles }: Capabilities,
): object | undefined {
  const isOwnLifetime =
    tokenLifetime.heldBy === "api" && lifetimeSeconds !== undefined && lifetimeSeconds !== tokenLifetime.default;
  const tokens = defined({
    lifetime: isOwnLifetime ? durationText(lifetimeSeconds) : undefined,
    signingAlgorithm: signingAlgorithm === signingAlgorithms[0] ? undefined : signingAlgorithm,
    profile: profile === profiles[0] ? undefined : profile,
    permissions: permissions === "Include" ? permissions : undefined,
  });
  return Object.keys(tokens).length === 0 ? undefined : tokens;
}
