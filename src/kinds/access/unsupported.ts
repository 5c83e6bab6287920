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
  /** A field of the spec that the API server takes only beside this choice. */
  readonly companion?: string | undefined;
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
  return refused.map((choice) => refusalOf(provider, choice)).join(" ");
}

function refusalOf(provider: NamedProvider, choice: Choice): string {
  const { field, wanted = "", offered, setting, remedy = "Remove it.", companion } = choice;
  const others = offered.join(" or ");
  if (setting !== undefined) {
    const besides = companion === undefined ? "" : `, and remove ${companion}`;
    return `${field} ${wanted} needs ${setting} of ${provider.object}. Ask its owner to set it. Or use ${others}${besides}.`;
  }
  if (offered.length === 0) return `${vendorText(provider)} does not support ${field}. ${remedy}`;
  const besides = companion === undefined ? "" : ` In both cases, remove ${companion} too.`;
  return `${vendorText(provider)} does not support ${field} ${wanted}. Use ${others}, or remove it.${besides}`;
}
