import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsecuredJWT } from "jose";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serviceAccountTokens } from "../../../src/kube/service-account-tokens.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const REALM = "https://sso.example.com/realms/machines";
const SUBJECT = "system:serviceaccount:m2m-system:m2m-operator";
const CLUSTER = "https://kubernetes.default.svc.cluster.local";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tokens-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const inMinutes = (minutes: number): number => NOW.getTime() / 1000 + minutes * 60;
const tokenFor = (aud: string | string[], claims: object = {}): string =>
  new UnsecuredJWT({ iss: CLUSTER, sub: SUBJECT, aud, exp: inMinutes(60), ...claims }).encode();
const write = (name: string, text: string): void => {
  writeFileSync(join(dir, name), text);
};
const at = (path: string | undefined) =>
  serviceAccountTokens({ path, flag: "--tokens", adviceFor: (audience) => `Mount one for ${audience}.` }, () => NOW);
const read = (path: string | undefined = dir) => at(path)(REALM);
const missing = (text: string) => ({
  code: "no_credential",
  message: `The operator has no service account token for this tenant: ${text}`,
});

it("the token for this audience alone is chosen, and read again each time", async () => {
  const [first, second] = [tokenFor([REALM]), tokenFor(REALM, { exp: inMinutes(70) })];
  write("api", tokenFor(CLUSTER));
  write("other", tokenFor("https://sso.example.com/realms/people"));
  write("both", tokenFor([REALM, "https://sso.example.com/realms/people"]));
  write("machines", `${first}\n`);
  const tokens = at(dir);
  expect(await tokens(REALM)).toEqual({ token: first, issuer: CLUSTER, subject: SUBJECT });
  write("machines", second);
  expect(await tokens(REALM)).toMatchObject({ token: second });
});

it("one file may take the place of a directory", async () => {
  write("machines", tokenFor(REALM));
  expect(await read(join(dir, "machines"))).toMatchObject({ subject: SUBJECT });
});

it("the kubelet's own links are passed over, and the links to the files are followed", async () => {
  mkdirSync(join(dir, "..2026_01_01"));
  write("..2026_01_01/token-0", tokenFor(REALM));
  symlinkSync("..2026_01_01", join(dir, "..data"));
  symlinkSync("..data/token-0", join(dir, "token-0"));
  expect(await read()).toMatchObject({ issuer: CLUSTER });
});

it("of two tokens, that which lives longer is chosen", async () => {
  const longer = tokenFor(REALM, { exp: inMinutes(90) });
  write("a", tokenFor(REALM));
  write("b", longer);
  expect((await read()).token).toBe(longer);
});

it("without a path, the message tells the flag", async () => {
  await expect(
    serviceAccountTokens({ path: undefined, flag: "--tokens", adviceFor: () => "Mount one." }, () => NOW)(REALM),
  ).rejects.toMatchObject(missing("--tokens is not set. Mount one."));
});

it("a path that cannot be read is named", async () => {
  const path = join(dir, "gone");
  await expect(read(path)).rejects.toMatchObject(missing(`${path}, the value of --tokens, cannot be read (ENOENT).`));
});

it("other audiences are named, and no token", async () => {
  const token = tokenFor(CLUSTER);
  write("api", token);
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject(
    missing(
      `${dir} has no token with ${REALM} as its only audience. It has tokens for: ${CLUSTER}. Mount one for ${REALM}.`,
    ),
  );
  expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(token.split(".")[1]);
});

it("an expired token is not used", async () => {
  write("machines", tokenFor(REALM, { exp: inMinutes(-1) }));
  await expect(read()).rejects.toMatchObject(
    missing(
      `The token in ${dir} for the audience ${REALM} expired at 2026-01-01T11:59:00.000Z. Mount one for ${REALM}.`,
    ),
  );
});

it.each([
  ["a text that is no token", "not-a-token"],
  ["nothing", ""],
  ["a token of a person", tokenFor(REALM, { sub: "alice" })],
  ["a token that never expires", tokenFor(REALM, { exp: undefined })],
  ["more than a token can be", `${tokenFor(REALM)}${" ".repeat(16_384)}`],
])("%s is passed over", async (_what, text) => {
  write("machines", text);
  await expect(read()).rejects.toMatchObject({
    code: "no_credential",
    message: expect.stringContaining("no token at all") as string,
  });
});

it("no more than 64 files are read", async () => {
  for (let index = 0; index < 64; index++) write(`a${String(index).padStart(2, "0")}`, "");
  write("b", tokenFor(REALM));
  await expect(read()).rejects.toMatchObject({ code: "no_credential" });
});
