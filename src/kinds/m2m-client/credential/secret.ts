import { randomBytes } from "node:crypto";

const BYTES = 48;

/** A client secret: 64 characters of base64url, which every provider takes. */
export function makeSecret(): string {
  return randomBytes(BYTES).toString("base64url");
}
