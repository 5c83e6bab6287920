import { ProviderError } from "../ports/provider-error.ts";

/**
 * The tenant refused what the operator itself authenticates with. Nothing of the credentials Secret is shown, since the
 * secret may be under the wrong key. `text`: what the tenant said, safe to show.
 */
export const refusedCredential = (server: string, status: number, text: string): ProviderError =>
  new ProviderError(
    "unauthorized",
    `${server} refused the operator's credential (${String(status)}${text === "" ? "" : `: ${text}`}).`,
    { isAnswer: true },
  );

/** The key of the credentials Secret signs nothing. */
export const unusableKey = (): ProviderError =>
  new ProviderError(
    "unauthorized",
    "The private_key of the operator's credential is not a usable key. It must be a PKCS#8 key in PEM.",
    { isAnswer: true },
  );
