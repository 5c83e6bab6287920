import { type Claim, newOktaId, type Scope } from "./state.ts";

/** Names of the scopes that every authorization server has, for people and their logins. */
export const SYSTEM_SCOPES: readonly string[] = [
  "openid",
  "profile",
  "email",
  "address",
  "phone",
  "offline_access",
  "device_sso",
];

/** Scopes that every new authorization server has and nobody manages. */
export function systemScopes(): readonly Scope[] {
  return SYSTEM_SCOPES.map((name) => ({
    ...{ id: newOktaId("scp"), name, displayName: name, description: name, system: true },
    ...{ metadataPublish: "ALL_CLIENTS", consent: "IMPLICIT", optional: false, apiResourceId: null, default: false },
  }));
}

const PROFILE_CLAIMS = [
  ...["middle_name", "zoneinfo", "website", "updated_at", "profile", "preferred_username", "picture", "nickname"],
  ...["name", "locale", "given_name", "gender", "family_name", "birthdate"],
];
const ALWAYS = new Set(["preferred_username", "name", "email", "sub"]);

/** What `sub` is made of: for a service app its client ID. */
const SUBJECT = "(appuser != null) ? appuser.userName : app.clientId";

/** Claims that every new authorization server has. */
export function systemClaims(): readonly Claim[] {
  const identity = (name: string, scope: string): Claim => ({
    ...{ id: newOktaId("ocl"), name, status: "ACTIVE", claimType: "IDENTITY", valueType: "SYSTEM" },
    ...{ conditions: { scopes: [scope] }, system: true, alwaysIncludeInToken: ALWAYS.has(name), apiResourceId: null },
  });
  const subject: Claim = {
    ...{ id: newOktaId("ocl"), name: "sub", status: "ACTIVE", claimType: "RESOURCE", valueType: "EXPRESSION" },
    ...{ value: SUBJECT, conditions: { scopes: [] }, system: true, alwaysIncludeInToken: true, apiResourceId: null },
  };
  return [
    ...PROFILE_CLAIMS.map((name) => identity(name, "profile")),
    identity("email", "email"),
    identity("email_verified", "email"),
    identity("phone_number", "phone"),
    identity("address", "address"),
    subject,
  ];
}
