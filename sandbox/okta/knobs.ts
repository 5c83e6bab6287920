import { z } from "zod";
import { ADMIN_ROLES } from "./admin-roles.ts";

const issuerMode = z.enum(["ORG_URL", "CUSTOM_URL", "DYNAMIC"]);
const ms = z.number().min(0);

/** How the org behaves where behaviour varies or is not known. "Not recorded": nobody has seen what the real one does. */
export const knobsSchema = z.strictObject({
  /** Without it everything about authorization servers is refused. */
  apiAccessManagement: z.boolean(),
  /** An ACTIVE authorization server cannot be deleted (not recorded). */
  strictAsDelete: z.boolean(),
  /** Two authorization servers cannot have one name (not recorded). */
  uniqueServerNames: z.boolean(),
  /** A scope that a rule lists cannot be deleted (not recorded). */
  strictScopeDelete: z.boolean(),
  /** An INACTIVE app cannot be replaced (not recorded for this type of app). */
  strictAppUpdate: z.boolean(),
  /** A policy keeps the id of an app that was deleted (not recorded). */
  keepsStaleClients: z.boolean(),
  /** What an update of an app without its keys does: be refused where they are needed, or keep them (not recorded). */
  omittedJwks: z.enum(["refused", "kept"]),
  /** Which of two secrets the answer to an update shows (not recorded). */
  shownSecret: z.enum(["newest", "oldest"]),
  /** `q` finds apps without regard to case (not recorded). */
  searchIgnoresCase: z.boolean(),
  /** A page larger than the largest is refused, or made smaller (not recorded). */
  overLimit: z.enum(["refused", "capped"]),
  /** An update keeps members that the sandbox does not know, as an org does that has newer features. */
  updateKeepsUnknown: z.boolean(),
  /** Two writes of policies or rules below one server at a time: the second is refused. */
  racesFail: z.boolean(),
  /** What such a write is refused with. */
  racesAnswer: z.union([z.literal(500), z.literal(423)]),
  /** Milliseconds that a write of a policy or rule takes, so that another can arrive meanwhile. */
  policyWriteMs: ms,
  /** For so long after its creation an app is not found, nor accepted in policies. */
  eventualConsistencyMs: ms,
  /** For so long after a write, reads show what was there before. */
  staleReadsMs: ms,
  /** For so long after its creation a secret is not accepted yet. */
  secretPropagationMs: ms,
  /** The caller's role may not read secrets: they are left out, shown as stars, or refused (not recorded which). */
  masksSecrets: z.union([z.literal(false), z.enum(["omit", "mask", "refuse"])]),
  /** Requests of the Management API at a time; `null` for what the plan allows. */
  maxConcurrent: z.int().min(1).nullable(),
  /** What a new server has whose creation names none; another in orgs with a custom domain. */
  defaultIssuerMode: issuerMode,
  /** Added to every request of the Management API. */
  latencyMs: ms,
  /** Scopes that nobody requested, and none of those given by default is in the rule (not recorded). */
  noDefaultCovered: z.enum(["no_matching_policy", "no_scope_allowed"]),
  /** Consent is judged before the policies are (not recorded). */
  consentBeforePolicies: z.boolean(),
  /** Grant type and scope are taken from the query too, as older guides send them (not recorded of late). */
  acceptsQueryParameters: z.boolean(),
  /** Role of the person who made the API token that the sandbox starts with. */
  apiTokenRole: z.enum(ADMIN_ROLES),
  /** That token is as good as unknown. */
  apiTokenRevoked: z.boolean(),
  /** Role that the operator's app is assigned. */
  operatorRole: z.enum(ADMIN_ROLES),
  /** Scopes of Okta's own API that the operator's app is granted. */
  operatorScopes: z.array(z.string()),
  /** Tokens of the operator's app must be bound to a key (RFC 9449). */
  operatorDpop: z.boolean(),
  /** Seconds that tokens for Okta's own API live. */
  operatorTokenSeconds: z.int().min(1),
  /** When only some of the requested scopes are granted: a token with those, or none at all (not recorded). */
  grantsPartOfScopes: z.boolean(),
  /** Access tokens for Okta's own API that were issued earlier (milliseconds, of whole seconds) are refused. */
  revokedBefore: z.number(),
});

export type OrgKnobs = z.output<typeof knobsSchema>;

export const defaultOrgKnobs = (): OrgKnobs => ({
  apiAccessManagement: true,
  strictAsDelete: true,
  uniqueServerNames: false,
  strictScopeDelete: false,
  strictAppUpdate: true,
  keepsStaleClients: true,
  omittedJwks: "refused",
  shownSecret: "newest",
  searchIgnoresCase: true,
  overLimit: "refused",
  updateKeepsUnknown: true,
  racesFail: true,
  racesAnswer: 500,
  policyWriteMs: 5,
  eventualConsistencyMs: 0,
  staleReadsMs: 0,
  secretPropagationMs: 0,
  masksSecrets: false,
  maxConcurrent: null,
  defaultIssuerMode: "ORG_URL",
  latencyMs: 0,
  noDefaultCovered: "no_matching_policy",
  consentBeforePolicies: false,
  acceptsQueryParameters: true,
  apiTokenRole: "SUPER_ADMIN",
  apiTokenRevoked: false,
  operatorRole: "API_ACCESS_MANAGEMENT_ADMIN",
  operatorScopes: ["okta.apps.manage", "okta.authorizationServers.manage"],
  operatorDpop: false,
  operatorTokenSeconds: 3600,
  grantsPartOfScopes: true,
  revokedBefore: 0,
});
