import { ProviderError } from "../../ports/provider-error.ts";

/** Longest text of a column of Keycloak's database: one more is answered with 500, like an outage. */
const LONGEST = 255;

/** Throws `invalid` for the first text that Keycloak cannot keep. */
export function assertFits(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [what, text = ""] of Object.entries(texts))
    if ([...text].length > LONGEST)
      throw new ProviderError(
        "invalid",
        `Keycloak keeps at most ${String(LONGEST)} characters of ${what}. Shorten it.`,
      );
}

/** Throws `invalid` for metadata that Keycloak cannot keep: an attribute without a value is none. */
export function assertMetadataFits(names: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(names)) {
    assertFits({ [`the metadata key ${name.slice(0, 40)} and the operator's prefix`]: name });
    if (value === "")
      throw new ProviderError(
        "invalid",
        "Keycloak does not keep empty values of metadata. Remove the key, or set a value.",
      );
  }
}
