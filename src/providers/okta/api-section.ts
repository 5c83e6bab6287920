import { z } from "zod";
import { scopeName } from "../../kinds/schema/fields.ts";
import { mapList, type Rule, textSet } from "../../kinds/schema/rules.ts";
import { declareApiSection } from "../declaration.ts";

const claim = () =>
  z.object({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[!#-[\]-~]+$/)
      .describe("Name of the claim in access tokens. Okta refuses the names of standard claims (iss, exp, scp …)."),
    expression: z
      .string()
      .min(1)
      .max(1024)
      .describe(
        'Okta expression for the value, for example "text" in quotation marks, app.clientId or app.profile.team.',
      ),
    scopes: textSet(scopeName(), 100)
      .optional()
      .describe("Scopes that the claim needs: it is only in tokens with one of them. If unset, it is in every token."),
  });

/** What only Okta has. A field that is not set is left as the org has it. */
const section = () =>
  z.object({
    issuerMode: z
      .enum(["OrgUrl", "CustomUrl", "Dynamic"])
      .optional()
      .describe("Host of the issuer. If unset, the operator does not manage this field."),
    signingKeyRotation: z
      .enum(["Auto", "Manual"])
      .optional()
      .describe("Rotation of the keys that sign tokens. If unset, the operator does not manage this field."),
    claims: mapList(claim(), "name", 100)
      .optional()
      .describe(
        "Custom claims of access tokens. If set, the operator removes other custom claims. If unset, the operator does not manage this field.",
      ),
    authorizationServerId: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9]+$/)
      .optional()
      .describe("ID of the authorization server to adopt. Only with adopt: true. Immutable."),
  });

type Section = z.infer<ReturnType<typeof section>>;

const ADOPTION_RULE: Rule<{ readonly okta?: Section | undefined; readonly adopt?: boolean | undefined }> = {
  rule: "!has(self.okta) || !has(self.okta.authorizationServerId) || (has(self.adopt) && self.adopt)",
  message: "okta.authorizationServerId needs adopt: true",
  holds: ({ okta, adopt }) => okta?.authorizationServerId === undefined || adopt === true,
};

const idOf = (spec: string): string =>
  `(has(${spec}.okta) && has(${spec}.okta.authorizationServerId) ? ${spec}.okta.authorizationServerId : '')`;

/** Asked of the whole spec, since a rule inside the section does not see the section added or removed. */
const IMMUTABLE_ID: Rule<{ readonly okta?: Section | undefined }> = {
  rule: `${idOf("self")} == ${idOf("oldSelf")}`,
  message: "okta.authorizationServerId is immutable: delete this resource and create it again",
};

export const apiSection = declareApiSection({
  schema: section(),
  rules: [ADOPTION_RULE, IMMUTABLE_ID],
  sectionOf: ({ issuerMode, signingKeyRotation, claims, authorizationServerId }) => {
    const isClaimed = Array.isArray(claims) && claims.length > 0;
    const section = {
      ...(issuerMode === undefined || issuerMode === "OrgUrl" ? {} : { issuerMode }),
      ...(signingKeyRotation === "Manual" ? { signingKeyRotation } : {}),
      ...(isClaimed ? { claims: claims as readonly unknown[] } : {}),
      ...(authorizationServerId === undefined ? {} : { authorizationServerId }),
    };
    return Object.keys(section).length === 0 ? undefined : section;
  },
  wishOf: ({ authorizationServerId: adoptedId, ...settings }) => ({ settings, adoptedId }),
});
