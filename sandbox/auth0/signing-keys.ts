import { managementError } from "./errors.ts";
import { makeSigningKey, type SigningKey } from "../signing-key.ts";

const FAKE_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnot-a-real-certificate\n-----END CERTIFICATE-----";

function shown({ kid, role, revokedAt }: SigningKey): object {
  return {
    kid,
    cert: FAKE_CERTIFICATE,
    pkcs7: FAKE_CERTIFICATE,
    current: role === "current",
    next: role === "next",
    previous: role === "previous",
    fingerprint: "not-a-real-fingerprint",
    thumbprint: "not-a-real-thumbprint",
    revoked: revokedAt !== undefined,
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
  };
}

interface KeyRing {
  readonly keys: SigningKey[];
}

export const listSigningKeys = ({ keys }: KeyRing): readonly object[] => keys.map(shown);

function find({ keys }: KeyRing, kid: string): SigningKey {
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw managementError(404, "The signing key does not exist");
  return key;
}

export const getSigningKey = (ring: KeyRing, kid: string): object => shown(find(ring, kid));

/** The next key signs from now on; the one that did so far still verifies. */
export async function rotateSigningKeys({ keys }: KeyRing): Promise<object> {
  const [current, next] = [keys.find(({ role }) => role === "current"), keys.find(({ role }) => role === "next")];
  if (current === undefined || next === undefined) throw managementError(400, "There is no key to rotate to.");
  current.role = "previous";
  next.role = "current";
  keys.push(await makeSigningKey("next"));
  return shown(next);
}

/** A revoked key leaves the key set: tokens that it signed are no longer good. */
export function revokeSigningKey(ring: KeyRing, kid: string, nowMs: number): object {
  const key = find(ring, kid);
  if (key.role === "current") throw managementError(400, "The current signing key cannot be revoked; rotate first.");
  key.revokedAt ??= new Date(nowMs).toISOString();
  return shown(key);
}
