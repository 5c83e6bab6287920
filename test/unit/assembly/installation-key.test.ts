import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { createInstallationKey } from "../../../src/assembly/installation-key.ts";

const KEY = Buffer.alloc(32, 1);

function withKey(key: Buffer) {
  const installation = createInstallationKey();
  installation.take(key);
  return installation;
}

it("nothing is signed, and no fingerprint made, before there is a key", () => {
  const { sign, fingerprint } = createInstallationKey();
  expect(() => sign("a")).toThrow("before it holds a Lease");
  expect(() => fingerprint("a")).toThrow("before it holds a Lease");
});

it("another process of the installation makes the same fingerprints, another installation others", () => {
  const { fingerprint } = withKey(KEY);
  expect(fingerprint("a")).toMatch(/^[0-9a-f]{64}$/);
  expect(withKey(KEY).fingerprint("a")).toBe(fingerprint("a"));
  expect(withKey(Buffer.alloc(32, 2)).fingerprint("a")).not.toBe(fingerprint("a"));
  expect(fingerprint("b")).not.toBe(fingerprint("a"));
});

it("a proof is a digest with the installation's own key, and a fingerprint proves nothing", () => {
  const { sign, fingerprint } = withKey(KEY);
  expect(sign("a")).toBe(createHmac("sha256", KEY).update("a").digest("hex"));
  expect(fingerprint("a")).not.toBe(sign("a"));
});
