import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";
import { controlPlane } from "../../integration/control-plane.ts";

/** What an attacker changes of a good token. `undefined` takes a claim or a parameter of the header out. */
interface Forgery {
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
  /** Default: the key that the cluster itself signs with. */
  readonly key?: KeyObject;
}

/** The cluster's own key, which no attacker has: with it, only what is said in the token can be wrong. */
const clusterKey = (): string => readFileSync(join(dirname(controlPlane().kubeconfig), "certs/sa-signer.key"), "utf8");

export const strangersKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** The same token with something changed, and signed again. */
export function forged(good: string, { claims = {}, header = {}, key }: Forgery): Promise<string> {
  const whole = { ...decodeProtectedHeader(good), ...header } as JWTHeaderParameters;
  const payload = { ...decodeJwt(good), ...claims };
  return new SignJWT(defined(payload)).setProtectedHeader(defined(whole)).sign(key ?? createPrivateKey(clusterKey()));
}

const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** RFC 8725 section 2.1: nobody signed it. */
export const unsigned = (good: string): string =>
  `${base64url({ ...decodeProtectedHeader(good), alg: "none" })}.${good.split(".")[1] ?? ""}.`;

/** RFC 8725 section 2.1: the public key, which everybody has, as a shared secret. */
export function signedWithPublicKey(good: string): string {
  const pem = createPublicKey(clusterKey()).export({ type: "spki", format: "pem" }).toString();
  const text = `${base64url({ ...decodeProtectedHeader(good), alg: "HS256" })}.${good.split(".")[1] ?? ""}`;
  return `${text}.${createHmac("sha256", pem).update(text).digest("base64url")}`;
}
