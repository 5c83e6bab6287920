import { listed } from "../../ports/listed.ts";
import type { Observed } from "./model.ts";

export interface ScopeProblem {
  readonly reason: "UnknownScopes" | "ScopesNotAllowed";
  readonly message: string;
}

type Seen = Pick<Observed, "own" | "isExternal"> & {
  readonly names: Pick<Observed["names"], "api" | "namespace">;
};

/**
 * What is wrong with the scopes that the resource requests, and what to do; `undefined` when all of them can be granted.
 * Of scopes that the namespace may not request, the message names only those that the spec names.
 */
export function scopeProblem(seen: Seen): ScopeProblem | undefined {
  const { unknown, refused = [], granted, isAudienceOnly } = seen.own;
  const { api, namespace } = seen.names;
  if (unknown.length > 0) {
    const more = refused.length === 0 ? "" : ` ${refusedText(seen, refused)}`;
    return { reason: "UnknownScopes", message: `${unknownText(seen)}${more}` };
  }
  if (refused.length > 0) return { reason: "ScopesNotAllowed", message: refusedText(seen, refused) };
  if (granted.length > 0 || isAudienceOnly === true) return undefined;
  return {
    reason: "ScopesNotAllowed",
    message: `${api} allows namespace ${namespace} none of its scopes. Ask its owner to extend spec.allowedGrants.`,
  };
}

const MAX_NAMES = 20;

function unknownText({ own, isExternal, names: { api, namespace } }: Seen): string {
  const isOthers = !api.startsWith(`OAuthApi ${namespace}/`);
  const named = listed(
    own.unknown.map((scope) => `"${scope}"${meant(own.nearest?.[scope])}`),
    MAX_NAMES,
  );
  const where = isExternal ? "Ask the tenant's owner to define" : isOthers ? "Ask its owner to add" : "Add";
  const place = isExternal ? "there" : "to spec.scopes there";
  return `${api} does not define ${named}. ${where} ${own.unknown.length > 1 ? "them" : "it"} ${place}, or remove ${own.unknown.length > 1 ? "them" : "it"} here.`;
}

function refusedText({ names: { api, namespace } }: Seen, refused: readonly string[]): string {
  const named = listed(
    refused.map((scope) => `"${scope}"`),
    MAX_NAMES,
  );
  return `${api} does not allow namespace ${namespace} to request ${named}. Ask its owner to extend spec.allowedGrants, or remove ${refused.length > 1 ? "them" : "it"} here.`;
}

const meant = (nearest: string | undefined): string => (nearest === undefined ? "" : ` (did you mean "${nearest}"?)`);
