import { ObjectChanged } from "../../../ports/object-changed.ts";
import { publicKeyOf } from "./public-key.ts";
import { makeSecret } from "./secret.ts";
import type { AuthenticationMethod, PublicKey } from "../../../ports/provider.ts";
import { ProviderError } from "../../../ports/provider-error.ts";
import type {
  CredentialValues,
  KeyCredential,
  SecretCredential,
  ServiceAccountCredential,
} from "../../../publication/inputs.ts";
import type { KindContext } from "../../kind-context.ts";

type Maker = Pick<KindContext, "makeKeyPair" | "nonce" | "now">;

/** A secret under a name of the operator. Throws `unavailable` while the client still authenticates without one. */
export function secretOf(
  context: Pick<Maker, "nonce" | "now">,
  method: AuthenticationMethod,
  clientSecret: string,
): SecretCredential {
  if (method === "private_key_jwt" || method === "kubernetes")
    throw new ProviderError("unavailable", "The client still authenticates without a secret.");
  return { id: context.nonce(), authenticationMethod: method, clientSecret, createdAt: context.now().toISOString() };
}

/** A key pair for this JWS algorithm. */
export async function makeKey(context: Pick<Maker, "makeKeyPair" | "now">, algorithm: string): Promise<KeyCredential> {
  const { privateKey, keyId } = await context.makeKeyPair(algorithm);
  return {
    ...{ id: keyId, keyId, privateKey, algorithm },
    ...{ createdAt: context.now().toISOString(), authenticationMethod: "private_key_jwt" },
  };
}

/** What is written down in place of a credential. `id`: a name of the operator. */
export function serviceAccountCredential(
  { nonce, now }: Pick<Maker, "nonce" | "now">,
  subject: string,
): ServiceAccountCredential {
  return { id: nonce(), authenticationMethod: "kubernetes", subject, createdAt: now().toISOString() };
}

export async function makeCredential(
  context: Maker,
  method: AuthenticationMethod,
  algorithm: string,
  subject: string | undefined,
): Promise<CredentialValues> {
  if (method === "kubernetes") {
    if (subject === undefined) throw new ObjectChanged("The spec names no service account any more.");
    return serviceAccountCredential(context, subject);
  }
  return method === "private_key_jwt" ? makeKey(context, algorithm) : secretOf(context, method, makeSecret());
}

export function publicHalf({ privateKey = "", algorithm }: KeyCredential): PublicKey {
  const { keyId, pem } = publicKeyOf(privateKey);
  return { keyId, pem, algorithm };
}
