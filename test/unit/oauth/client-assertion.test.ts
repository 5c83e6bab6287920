import { generateKeyPairSync, randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { signAssertion } from "../../../src/oauth/client-assertion.ts";

/** DER: a tag, the length in three bytes, the content. */
const der = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([tag, 0x83, content.length >> 16, (content.length >> 8) & 255, content.length & 255]),
    content,
  ]);
const integer = (bytes: number): Buffer => der(2, Buffer.concat([Buffer.from([0x7f]), randomBytes(bytes - 1)]));

/** Looks like an RSA key of so many bits and is none: anyone who begins to sign with it is busy for long. */
function hugeKey(bits: number): string {
  const bytes = bits / 8;
  const numbers = [bytes, 3, bytes, bytes / 2, bytes / 2, bytes / 2, bytes / 2, bytes / 2].map(integer);
  const rsa = der(0x30, Buffer.concat([der(2, Buffer.from([0])), ...numbers]));
  const algorithm = Buffer.from("300d06092a864886f70d0101010500", "hex");
  const key = der(0x30, Buffer.concat([der(2, Buffer.from([0])), algorithm, der(4, rsa)]));
  return `-----BEGIN PRIVATE KEY-----\n${key.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

const sign = (privateKey: string): Promise<string> =>
  signAssertion("client", { privateKey, keyId: undefined, algorithm: "RS256" }, "https://tenant.example/", new Date());

it.each([16_384, 65_536])("a key of %i bits is refused before anything is signed with it", async (bits) => {
  const begun = performance.now();
  await expect(sign(hugeKey(bits))).rejects.toThrow(/too (long|many)/);
  expect(performance.now() - begun).toBeLessThan(1000);
});

it("a key of 4096 bits signs", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
  expect((await sign(privateKey.export({ type: "pkcs8", format: "pem" }).toString())).split(".")).toHaveLength(3);
});
