/** What the operator's application must be allowed on the Management API, and why. */
export const NEEDED_PERMISSIONS: readonly string[] = [
  "read:resource_servers",
  "create:resource_servers",
  "update:resource_servers",
  "delete:resource_servers",
  "read:clients",
  "create:clients",
  "update:clients",
  "delete:clients",
  // Without it a lost credential could not be read again, only replaced.
  "read:client_keys",
  "read:client_grants",
  "create:client_grants",
  "update:client_grants",
  "delete:client_grants",
];
