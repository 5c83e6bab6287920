/** Role of `realm-management` that the operator's service account needs. `manage-clients` includes reading. */
export const neededRole = (isReadOnly: boolean): string => (isReadOnly ? "view-clients" : "manage-clients");
