import type { ProviderFacts } from "./provider-access.ts";

/** What a spec requests in one field, and what the provider offers there, its own default first. */
export interface Choice {
  readonly field: string;
  readonly wanted: string | undefined;
  readonly offered: readonly string[];
  /** Field of the provider object that would make it offered. Absent: none would. */
  readonly setting?: string | undefined;
  /** What to do where nothing is offered. Default: to remove the field, which an immutable one does not allow. */
  readonly remedy?: string | undefined;
}

/** How messages name the provider of a resource. */
export type NamedProvider = Pick<ProviderFacts, "vendorLabel" | "object">;

/** Vendor and provider object, as the beginning of a sentence: `Auth0 (ClusterIdentityProvider default)`. */
export const vendorText = ({ vendorLabel, object }: NamedProvider): string => `${vendorLabel} (${object})`;

/**
 * A field that the chosen provider cannot honour is said by name, never ignored. `undefined` when everything that is
 * set can be had; what is not set is the provider's own business.
 */
export function unsupportedMessage(provider: NamedProvider, choices: readonly Choice[]): string | undefined {
  const refused = choices.filter(({ wanted, offered }) => wanted !== undefined && !offered.includes(wanted));
  if (refused.length === 0) return undefined;
  const sentences = refused.map(({ field, wanted = "", offered, setting, remedy = "Remove it." }) => {
    if (setting !== undefined)
      return `${field} ${wanted} needs ${setting} of ${provider.object}. Ask its owner to set it. Or use ${offered.join(" or ")}.`;
    return offered.length === 0
      ? `${vendorText(provider)} does not support ${field}. ${remedy}`
      : `${vendorText(provider)} does not support ${field} ${wanted}. Use ${offered.join(" or ")}, or remove it.`;
  });
  return sentences.join(" ");
}
