import { createPublicKey } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import type { Provider, TokenAnswer, TokenRequest } from "../../ports/provider.ts";

/** A key of this process, made once. It signs tokens that never leave the preview. */
export interface PreviewKey {
  readonly keyId: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

interface TokenParts {
  readonly key: () => Promise<PreviewKey>;
  /** Issuer of the API with this token endpoint and audience. */
  readonly issuerOf: (request: TokenRequest) => string | undefined;
  /** How tokens for the audience are signed, and with which shared secret. */
  readonly signingOf: (
    request: TokenRequest,
  ) => Promise<{ readonly algorithm: string; readonly secret: string | undefined }>;
  readonly now: () => Date;
}

const LIFETIME_SECONDS = 300;

/**
 * A preview requests no token: it assumes that the tenant would issue the one that is requested. Its own key signs what
 * the operator's check then reads.
 */
export function simulatedTokens(parts: TokenParts): Pick<Provider, "requestToken" | "fetchKeys"> {
  let known: Promise<PreviewKey> | undefined;
  const ownKey = (): Promise<PreviewKey> => (known ??= parts.key());
  return {
    requestToken: async (request): Promise<TokenAnswer> => {
      const { algorithm, secret } = await parts.signingOf(request);
      const { keyId, privateKey } = await ownKey();
      const isShared = algorithm.startsWith("HS");
      const key = isShared ? new TextEncoder().encode(secret ?? keyId) : await importPKCS8(privateKey, algorithm);
      const issuedAt = Math.floor(parts.now().getTime() / 1000);
      const { clientId, audience, organization } = request;
      const claims = {
        client_id: clientId,
        scope: request.scopes.join(" "),
        ...(organization === undefined ? {} : { org_id: organization }),
      };
      const accessToken = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, typ: "at+jwt", ...(isShared ? {} : { kid: keyId }) })
        .setIssuer(parts.issuerOf(request) ?? "")
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME_SECONDS)
        .sign(key);
      return { kind: "token", accessToken, expiresInSeconds: LIFETIME_SECONDS };
    },
    fetchKeys: async () => {
      const { keyId, privateKey } = await ownKey();
      return { keys: [{ ...createPublicKey(privateKey).export({ format: "jwk" }), kid: keyId, use: "sig" }] };
    },
  };
}
