/** Clients that every realm has, and those of the realm `master` that stand for other realms. */
const BUILT_IN = new Set([
  ...["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"],
  ...["admin-permissions", "master-realm"],
]);

/** Keycloak's own, or the operator's: never touched. */
export const isSystemClient = (clientId: string, ownClientId: string): boolean =>
  BUILT_IN.has(clientId) || clientId === ownClientId;
