/** Opaque id minted by a provider; only that provider may look inside. Stored in `status.externalId`. */
export type Ref = string & { readonly __brand: "Ref" };

/** In place of a client's ref: every client that authenticates at the tenant, now or later. */
export const ALL_CLIENTS = "*" as Ref;
