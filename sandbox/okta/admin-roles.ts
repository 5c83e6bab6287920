/** Administrators' roles, as far as they differ in what machine-to-machine access needs. `NONE`: no role at all. */
export const ADMIN_ROLES = [
  "SUPER_ADMIN",
  "API_ACCESS_MANAGEMENT_ADMIN",
  "APP_ADMIN",
  "READ_ONLY_ADMIN",
  "NONE",
] as const;

export type AdminRole = (typeof ADMIN_ROLES)[number];

/** Okta: an API access management administrator has authorization servers and OIDC apps; an app administrator, apps. */
export function mayCall(role: AdminRole, method: string, area: string | undefined): boolean {
  switch (role) {
    case "SUPER_ADMIN":
    case "API_ACCESS_MANAGEMENT_ADMIN":
      return true;
    case "APP_ADMIN":
      return area !== "okta.authorizationServers";
    case "READ_ONLY_ADMIN":
      return method === "GET";
    case "NONE":
      return false;
  }
}
