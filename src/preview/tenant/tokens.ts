import { createPublicKey } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import type { Provider, TokenAnswer, TokenRequest } from "../../ports/provider.ts";

/** A key of this process, made once for each algorithm. It signs tokens that never leave the preview. */
export interface PreviewKey {
  readonly keyId: string;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
}

interface TokenParts {
  readonly key: (algorithm: string) => Promise<PreviewKey>;
  /** Issuer of the API with this token endpoint and audience. */
  readonly issuerOf: (request: TokenRequest) => string | undefined;
  /** How tokens for the audience are signed, and with which shared secret. */
  readonly signingOf: (
    request: TokenRequest,
  ) => Promise<{ readonly algorithm: string; readonly secret: string | undefined }>;
  readonly now: () => Date;
}

const LIFETIME_SECONDS = 300;

/** Of the key whose name stands for a shared secret that the preview does not know. */
const OWN_ALGORITHM = "RS256";

/**
 * A preview requests no token: it assumes that the tenant would issue the one that is requested. Its own key signs what
 * the operator's check then reads.
 */
export function simulatedTokens(parts: TokenParts): Pick<Provider, "requestToken" | "fetchKeys"> {
  const known = new Map<string, Promise<PreviewKey>>();
  const ownKey = (algorithm: string): Promise<PreviewKey> => {
    const key = known.get(algorithm) ?? parts.key(algorithm);
    known.set(algorithm, key);
    return key;
  };
  return {
    requestToken: async (request): Promise<TokenAnswer> => {
      const { algorithm, secret } = await parts.signingOf(request);
      const isShared = algorithm.startsWith("HS");
      const { keyId, privateKey } = await ownKey(isShared ? OWN_ALGORITHM : algorithm);
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
      const keys = await Promise.all(known.values());
      return {
        keys: keys.map(({ keyId, privateKey }) => ({
          ...createPublicKey(privateKey).export({ format: "jwk" }),
          ...{ kid: keyId, use: "sig" },
        })),
      };
    },
  };
}
