import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeJwt } from "jose";
import { parse } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksOf, ROOT } from "../docs/pages.ts";
import { createWorld, type World } from "./world.ts";

/** What the how-tos show is run as it stands in the pages, in processes that know nothing but a mounted Secret. */
const exec = promisify(execFile);
let world: World;
let dir: string;
let namespace: string;

beforeAll(async () => {
  world = await createWorld();
  dir = mkdtempSync(join(tmpdir(), "m2m-workloads-"));
  writeFileSync(join(dir, "ca.pem"), world.sandbox.caPem);
  namespace = await world.namespace();
  await world.api(namespace, "invoices");
  await world.client(namespace, "export");
  await world.grant(namespace, "reads", {
    clientRef: { name: "export" },
    apiRef: { name: "invoices" },
    scopes: ["read:things"],
  });
  await world.ready("ScopeGrant", namespace, "reads");
});

afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true, force: true });
});

function codeOf(page: string, language: string): string {
  const [block] = blocksOf(page).filter((candidate) => candidate.language === language);
  if (block === undefined) throw new Error(`${page} has no ${language}`);
  return block.text;
}

/** The Secret's values as files, as a mounted volume has them. */
async function mounted(name: string): Promise<string> {
  const folder = mkdtempSync(join(dir, "mounted-"));
  for (const [key, value] of Object.entries((await world.cluster.secret(namespace, name)) ?? {}))
    writeFileSync(join(folder, key), value, { mode: 0o600 });
  return folder;
}

function expectTokens(printed: string): void {
  const [one = "", other] = printed.trim().split("\n");
  expect(decodeJwt(one)).toMatchObject({ scope: "read:things", aud: `https://${namespace}.example.com/invoices` });
  expect(other).toBe(one);
}

it("Node.js: the page's module gets a token, and keeps it", async () => {
  writeFileSync(join(dir, "token.mjs"), codeOf("docs/how-to/node.md", "js"));
  const driver = 'import { accessToken } from "./token.mjs"; for (const _ of "12") console.log(await accessToken());';
  writeFileSync(join(dir, "driver.mjs"), driver);
  const env = { OAUTH_DIR: await mounted("export"), NODE_EXTRA_CA_CERTS: join(dir, "ca.pem") };
  const { stdout } = await exec(process.execPath, [join(dir, "driver.mjs")], { env });
  expectTokens(stdout);
});

it("Go: the page's package gets a token, and keeps it", async () => {
  const sources = join(dir, "go");
  cpSync(join(ROOT, "test/docs/go"), sources, { recursive: true });
  mkdirSync(join(sources, "access"));
  writeFileSync(join(sources, "access/access.go"), `${codeOf("docs/how-to/go.md", "go")}\n`);
  await exec("gofmt", ["-l", "."], { cwd: sources }).then(({ stdout }) => {
    expect(stdout).toBe("");
  });
  await exec("go", ["build", "-o", "workload", "."], { cwd: sources });
  const env = { SSL_CERT_FILE: join(dir, "ca.pem") };
  const { stdout } = await exec(join(sources, "workload"), [await mounted("export")], { env });
  expectTokens(stdout);
}, 240_000);

it("Spring: the page's template renders the properties that Spring reads", async () => {
  const [manifest = ""] = blocksOf("docs/how-to/spring.md").map(({ text }) => text);
  const { spec } = parse(manifest) as { spec: object };
  await world.client(namespace, "spring", spec);
  await world.grant(namespace, "spring-reads", {
    clientRef: { name: "spring" },
    apiRef: { name: "invoices" },
    scopes: ["read:things", "write:things"],
  });
  await world.ready("ScopeGrant", namespace, "spring-reads");
  const folder = await mounted("invoice-export-oauth");
  const properties = await propertiesIn(join(folder, "application.properties"));
  const client = await world.ready("M2MClient", namespace, "spring");
  const registration = "spring.security.oauth2.client.registration.invoices";
  expect(properties).toMatchObject({
    "spring.security.oauth2.client.provider.tenant.token-uri": `${world.sandbox.auth0.url}/oauth/token`,
    [`${registration}.client-id`]: client.status?.["clientId"],
    [`${registration}.client-authentication-method`]: "client_secret_post",
    [`${registration}.scope`]: "read:things,write:things",
    "invoices.audience": `https://${namespace}.example.com/invoices`,
  });
  expect(properties[`${registration}.client-secret`]).toMatch(/^\S{20,}$/);
});

const READER = `
public class Reader {
  public static void main(String[] args) throws Exception {
    var properties = new java.util.Properties();
    try (var file = java.nio.file.Files.newBufferedReader(java.nio.file.Path.of(args[0]))) { properties.load(file); }
    properties.forEach((name, value) -> System.out.println(name + "=" + value));
  }
}`;

/** As Java reads them, where there is a Java; else by their lines. */
async function propertiesIn(file: string): Promise<Readonly<Record<string, string>>> {
  writeFileSync(join(dir, "Reader.java"), READER);
  const { stdout } = await exec("java", [join(dir, "Reader.java"), file]).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error;
    return exec("cat", [file]);
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}
