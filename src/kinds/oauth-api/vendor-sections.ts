import { z } from "zod";
import type { ApiSettings } from "../../ports/provider.ts";
import { duration, durationMs } from "../schema/duration.ts";
import { scopeName } from "../schema/fields.ts";
import { mapList, textSet } from "../schema/rules.ts";

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
export const auth0 = () =>
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

const claim = () =>
  z.object({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[!#-[\]-~]+$/)
      .describe(
        "Name of the claim in access tokens. Names that tokens have anyway (iss, exp, scp …) are refused there.",
      ),
    expression: z
      .string()
      .min(1)
      .max(1024)
      .describe('Okta expression, for example "text" in quotation marks, app.clientId or app.profile.team.'),
    scopes: textSet(scopeName(), 100).optional().describe("Only in tokens with one of these scopes. Absent: always."),
  });

/** What only Okta has. A field that is not set is left as the org has it. */
export const okta = () =>
  z.object({
    issuerMode: z
      .enum(["OrgUrl", "CustomUrl", "Dynamic"])
      .optional()
      .describe("Which host the issuer has. Default: the org's own choice."),
    signingKeyRotation: z.enum(["Auto", "Manual"]).optional().describe("Who rotates the keys that sign tokens."),
    claims: mapList(claim(), "name", 100)
      .optional()
      .describe("Custom claims of access tokens: exactly these. Absent: nobody touches them."),
    authorizationServerId: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9]+$/)
      .optional()
      .describe("With adopt: the id of the authorization server to take over."),
  });

interface VendorSections {
  readonly auth0?: z.infer<ReturnType<typeof auth0>> | undefined;
  readonly okta?: z.infer<ReturnType<typeof okta>> | undefined;
}

/** What the one section that a spec has says: settings for that vendor's adapter alone, durations in seconds. */
export interface VendorWish {
  /** Name of the section, which is the vendor's. */
  readonly section: string;
  readonly settings: ApiSettings;
  /** The vendor's id of the API to take over; no setting. */
  readonly adoptedId?: string;
}

/** The sections that a spec has: none, or one, since the API server refuses two. */
export function vendorWishes({ auth0: ofAuth0, okta: ofOkta }: VendorSections): readonly VendorWish[] {
  const wishes: VendorWish[] = [];
  if (ofAuth0 !== undefined) {
    const { webTokenLifetime, ...section } = ofAuth0;
    const seconds = webTokenLifetime === undefined ? undefined : durationMs(webTokenLifetime) / 1000;
    wishes.push({ section: "auth0", settings: defined({ ...section, webTokenLifetimeSeconds: seconds }) });
  }
  if (ofOkta !== undefined) {
    const { authorizationServerId: adoptedId, ...section } = ofOkta;
    wishes.push({ section: "okta", settings: defined(section), ...(adoptedId === undefined ? {} : { adoptedId }) });
  }
  return wishes;
}

const defined = (section: object): ApiSettings =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));
