import { z } from "zod";
import { duration, durationMs, durationText } from "../../kinds/schema/duration.ts";
import type { Rule } from "../../kinds/schema/rules.ts";
import { declareApiSection } from "../declaration.ts";

const subjectTypeAuthorization = () =>
  z.object({
    client: z
      .enum(["RequireClientGrant", "DenyAll"])
      .optional()
      .describe("Access of clients that act for themselves. DenyAll: no client gets a token, whatever its grants."),
    user: z
      .enum(["AllowAll", "DenyAll", "RequireClientGrant"])
      .optional()
      .describe("Access of clients that act for a user."),
  });

const proofOfPossession = () =>
  z.object({
    mechanism: z
      .enum(["None", "DPoP", "MTLS"])
      .describe("How a token is bound to its holder. DPoP: RFC 9449. MTLS: RFC 8705."),
    required: z.boolean().optional().describe("Whether proof of possession is required. Default: false."),
    requiredFor: z.enum(["PublicClients", "AllClients"]).optional().describe("Clients that must prove possession."),
  });

/** What only Auth0 has. A field that is not set is left as the tenant has it. */
const section = () =>
  z.object({
    subjectTypeAuthorization: subjectTypeAuthorization().optional().describe("Who may get tokens for this API."),
    allowOfflineAccess: z.boolean().optional().describe("Whether Auth0 may issue refresh tokens for this API."),
    allowOnlineAccess: z
      .boolean()
      .optional()
      .describe("Whether Auth0 may issue refresh tokens that expire with the session."),
    skipUserConsent: z.boolean().optional().describe("Whether verifiable first-party clients skip the consent page."),
    proofOfPossession: proofOfPossession()
      .optional()
      .describe("Sender-constrained tokens: proof that the caller holds the token's key."),
    webTokenLifetime: duration("1m", "720h")
      .optional()
      .describe("Lifetime of tokens for browser flows. At most tokens.lifetime. Auth0's default is 2h."),
  });

const DEFAULT_AUTHORIZATION = { client: "RequireClientGrant", user: "AllowAll" } as const;
const DEFAULT_WEB_SECONDS = 7200;
const NO_PROOF = { mechanism: "None", required: false } as const;

type Section = z.infer<ReturnType<typeof section>>;

const WEB_LIFETIME_RULE: Rule<{
  readonly auth0?: Section | undefined;
  readonly tokens?: { readonly lifetime?: string | undefined } | undefined;
}> = {
  rule: "!has(self.auth0) || !has(self.auth0.webTokenLifetime) || !has(self.tokens) || !has(self.tokens.lifetime) || duration(self.auth0.webTokenLifetime) <= duration(self.tokens.lifetime)",
  message: "auth0.webTokenLifetime must not be above tokens.lifetime",
  holds: ({ auth0, tokens }) =>
    auth0?.webTokenLifetime === undefined ||
    tokens?.lifetime === undefined ||
    durationMs(auth0.webTokenLifetime) <= durationMs(tokens.lifetime),
};

/** Members of other values than by default. */
function differing(present: Readonly<Record<string, unknown>>, defaults: Readonly<Record<string, unknown>>): object {
  const isOther = ([name, value]: [string, unknown]): boolean =>
    value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[name]);
  return Object.fromEntries(Object.entries(present).filter(isOther));
}

export const apiSection = declareApiSection({
  schema: section(),
  rules: [WEB_LIFETIME_RULE],
  wishOf: ({ webTokenLifetime, proofOfPossession: proof, ...settings }) => ({
    settings: {
      ...settings,
      // Where nothing is bound, nothing else about it can be had.
      ...(proof === undefined ? {} : { proofOfPossession: proof.mechanism === "None" ? NO_PROOF : proof }),
      webTokenLifetimeSeconds: webTokenLifetime === undefined ? undefined : durationMs(webTokenLifetime) / 1000,
    },
  }),
  sectionOf: (
    { webTokenLifetimeSeconds: web, proofOfPossession: proof, subjectTypeAuthorization, ...flags },
    { lifetimeSeconds = DEFAULT_WEB_SECONDS },
  ) => {
    // Auth0 lowers it with the lifetime of all, and a document that does not have it is read as the longer default.
    const isDefault = web === undefined || web === DEFAULT_WEB_SECONDS || web === lifetimeSeconds;
    const section = {
      ...differing({ subjectTypeAuthorization }, { subjectTypeAuthorization: DEFAULT_AUTHORIZATION }),
      ...Object.fromEntries(Object.entries(flags).filter(([, isOn]) => isOn === true)),
      ...differing({ proofOfPossession: proof }, { proofOfPossession: NO_PROOF }),
      ...(isDefault ? {} : { webTokenLifetime: durationText(Number(web)) }),
    };
    return Object.keys(section).length === 0 ? undefined : section;
  },
});
