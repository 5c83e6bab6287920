import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const RSA = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;

let certificate: Promise<string> | undefined;

/** A fresh certificate, whose expiry can be read from it, in place of the keys that recordings leave out. */
export function samplePems(): Promise<string> {
  certificate ??= makeCertificate();
  return certificate;
}

async function makeCertificate(): Promise<string> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const keys = await webcrypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=sample",
    keys,
    signingAlgorithm: RSA,
    serialNumber: "01",
  });
  return made.toString("pem");
}

/** Recordings show every key as `<PEM>`. */
export function withRealKeys(value: unknown, pem: string): unknown {
  if (value === "<PEM>") return pem;
  if (Array.isArray(value)) return value.map((item) => withRealKeys(item, pem));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withRealKeys(member, pem)]));
}
