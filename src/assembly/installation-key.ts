import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { Sign } from "../ownership/status-proof.ts";

/** What only this installation can compute, the same in all of its processes and after every restart. */
export interface InstallationKey {
  /** Takes the key that the installation's Secret holds, 32 bytes. */
  readonly take: (key: Buffer) => void;
  /** Proves status. Throws before there is a key. */
  readonly sign: Sign;
  /** Keyed digest of a secret value, 64 hex characters, to compare it without keeping it. Throws before there is a key. */
  readonly fingerprint: (value: string) => string;
}

interface Keys {
  readonly proof: KeyObject;
  readonly fingerprint: KeyObject;
}

/** Status keeps fingerprints: anyone who changes this must not have the old ones compared with new ones. */
const FINGERPRINT_LABEL = "m2m-operator fingerprint v1";
const KEY_BYTES = 32;

export function createInstallationKey(): InstallationKey {
  let keys = undefined as Keys | undefined;
  const digest = (name: keyof Keys, text: string): string => {
    if (keys === undefined) throw new Error("this process cannot sign a status before it holds a Lease");
    return createHmac("sha256", keys[name]).update(text).digest("hex");
  };
  return {
    take: (key) => {
      const derived = Buffer.from(hkdfSync("sha256", key, "", FINGERPRINT_LABEL, KEY_BYTES));
      keys = { proof: createSecretKey(key), fingerprint: createSecretKey(derived) };
    },
    sign: (text) => digest("proof", text),
    fingerprint: (value) => digest("fingerprint", value),
  };
}
