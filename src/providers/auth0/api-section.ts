import { z } from "zod";
import { duration, durationMs } from "../../kinds/schema/duration.ts";
import type { Rule } from "../../kinds/schema/rules.ts";
import { declareApiSection } from "../declaration.ts";

const subjectTypeAuthorization = () =>
  z.object({
    client: z
      .enum(["RequireClientGrant", "DenyAll"])
      .optional()
      .describe("Clients that act for themselves. DenyAll: none gets a token, whatever it was granted."),
    user: z.enum(["AllowAll", "DenyAll", "RequireClientGrant"]).optional().describe("Clients that act for a person."),
  });

const proofOfPossession = () =>
  z.object({
    mechanism: z.enum(["None", "DPoP", "MTLS"]).describe("How a token is bound to its holder (RFC 9449, RFC 8705)."),
    required: z.boolean().optional().describe("Whether a token without proof is refused. Default: false."),
    requiredFor: z.enum(["PublicClients", "AllClients"]).optional().describe("Of whom it is required."),
  });

/** What only Auth0 has. A field that is not set is left as the tenant has it. */
const section = () =>
  z.object({
    subjectTypeAuthorization: subjectTypeAuthorization().optional().describe("Who may get tokens at all."),
    allowOfflineAccess: z.boolean().optional().describe("Whether refresh tokens may be issued for this API."),
    allowOnlineAccess: z.boolean().optional().describe("Whether tokens that end with the session may be issued."),
    skipUserConsent: z.boolean().optional().describe("Whether verifiable first-party clients skip the consent page."),
    proofOfPossession: proofOfPossession().optional().describe("Sender-constrained tokens."),
    webTokenLifetime: duration("1m", "720h")
      .optional()
      .describe("Lifetime of tokens for browsers; never above tokens.lifetime. Auth0's own default is 2h."),
  });

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
});
