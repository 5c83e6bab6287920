/** Enough to read: an operator that only observes needs nothing more, and never permissions on keys. */
const READ: readonly string[] = ["read:resource_servers", "read:clients", "read:client_grants"];

const WRITE: readonly string[] = [
  "create:resource_servers",
  "update:resource_servers",
  "delete:resource_servers",
  "create:clients",
  "update:clients",
  "delete:clients",
  // Without it a lost credential could not be read again, only replaced.
  "read:client_keys",
  "create:client_grants",
  "update:client_grants",
  "delete:client_grants",
];

/**
 * What the operator's application must be allowed on the Management API. What only some resources need (keys of
 * clients, organizations) is requested when one of them does.
 */
export function neededPermissions(isReadOnly: boolean): readonly string[] {
  return isReadOnly ? READ : [...READ, ...WRITE];
}

/** What single features need: rotation, keys of clients, organizations. docs/auth0.md has the same list. */
const OF_FEATURES: readonly string[] = [
  "update:client_keys",
  ...["read:client_credentials", "create:client_credentials"],
  ...["update:client_credentials", "delete:client_credentials"],
  "read:organizations",
  ...["read:organization_client_grants", "create:organization_client_grants", "delete:organization_client_grants"],
];

/** Permissions of the credential that no feature of the operator needs, sorted. */
export function excessPermissions(granted: Iterable<string>, isReadOnly: boolean): readonly string[] {
  const all = [...READ, ...WRITE, ...OF_FEATURES];
  const usable = new Set(isReadOnly ? all.filter((permission) => permission.startsWith("read:")) : all);
  return [...granted].filter((permission) => !usable.has(permission)).sort();
}
