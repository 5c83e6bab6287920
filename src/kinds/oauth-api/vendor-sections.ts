import type { z } from "zod";
import type { ApiSettings } from "../../ports/provider.ts";
import type { ApiSection, ProviderDeclaration } from "../../providers/declaration.ts";
import * as registry from "../../providers/registry.ts";
import { atMostOneOf, listOf } from "../schema/variants.ts";
import type { Rule } from "../schema/rules.ts";

type Registry = typeof registry;
type Sectioned = {
  [Name in keyof Registry as Registry[Name] extends { readonly apiSection: ApiSection } ? Name : never]: Registry[Name];
};
type SectionFields = { [Name in keyof Sectioned]: z.ZodOptional<Sectioned[Name]["apiSection"]["schema"]> };

const declared: Readonly<Record<string, ProviderDeclaration>> = registry;
const sections = Object.entries(declared).flatMap(([name, { label, apiSection }]) =>
  apiSection === undefined ? [] : [{ name, label, apiSection }],
);

/** One optional field for each provider that has settings of its own. */
export const sectionFields = (): SectionFields =>
  Object.fromEntries(
    sections.map(({ name, label, apiSection: { schema } }) => [
      name,
      schema.optional().describe(`Settings of the API that only ${label} supports.`),
    ]),
  ) as unknown as SectionFields;

/** At most one section, and what each asks of the spec. */
export function sectionRules(): readonly Rule<object>[] {
  const names = sections.map(({ name }) => name);
  const one = atMostOneOf(names, `set the section of at most one provider: ${listOf(names)}`);
  // Each reads its own section and fields that every spec has.
  return [one, ...sections.flatMap(({ apiSection: { rules } }) => rules as readonly Rule<object>[])];
}

/** What the one section that a spec has says: settings for that vendor's adapter alone, durations in seconds. */
export interface VendorWish {
  /** Name of the section, which is the vendor's. */
  readonly section: string;
  readonly settings: ApiSettings;
  /** The vendor's id of the API to adopt; no setting. */
  readonly adoptedId?: string;
}

/** The sections that a spec has: none, or one, since the API server refuses two. */
export function vendorWishes(spec: object): readonly VendorWish[] {
  return sections.flatMap(({ name, apiSection }) => {
    const content = (spec as Readonly<Record<string, Record<string, unknown> | undefined>>)[name];
    if (content === undefined) return [];
    const { settings, adoptedId } = apiSection.wishOf(content);
    return [{ section: name, settings: defined(settings), ...(adoptedId === undefined ? {} : { adoptedId }) }];
  });
}

const defined = (settings: ApiSettings): ApiSettings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
