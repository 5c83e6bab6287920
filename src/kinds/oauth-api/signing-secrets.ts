/** Fingerprint of what a published signing Secret holds, by namespace and name. */
export type SigningSecrets = Map<string, { readonly version: string; readonly fingerprint: string | undefined }>;
