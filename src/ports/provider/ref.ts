/** Opaque id minted by a provider; only that provider may look inside. Stored in `status.externalId`. */
export type Ref = string & { readonly __brand: "Ref" };
