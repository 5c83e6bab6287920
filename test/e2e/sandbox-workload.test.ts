import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from "jose";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blocksOf, ROOT } from "../docs/pages.ts";
import { ACCESS, AUDIENCE, SCOPES, type SandboxProcess, startSandboxProcess } from "./sandbox-process.ts";

/** The how-to's programs against the simulated tenants, as a process that was started the way the page says. */
const exec = promisify(execFile);
const PAGE = "docs/how-to/test-without-a-tenant.md";
let dir: string;
let sandbox: SandboxProcess;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "m2m-sandbox-workload-"));
  const args = ["sandbox/main.ts", "--dir", join(dir, "sandbox"), "--setup-port", "0", ...ACCESS];
  sandbox = await startSandboxProcess(process.execPath, args);
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(dir, { recursive: true, force: true });
});

const codeOf = (page: string, language: string, comment: string): string => {
  const block = blocksOf(page).find((candidate) => candidate.language === language && candidate.text.includes(comment));
  if (block === undefined) throw new Error(`${page} has no ${comment}`);
  return block.text;
};

/** As an API does: by the JWKS that the values name. */
async function verified(token: string, vendor: string): Promise<unknown> {
  const values = (await (await fetch(new URL(`${vendor}.json`, sandbox.setup))).json()) as Record<string, string>;
  const ca = await (await fetch(new URL("ca.pem", sandbox.setup))).text();
  const dispatcher = new Agent({ connect: { ca } });
  const read = (url: string) => fetch(url, { dispatcher });
  const keys = createRemoteJWKSet(new URL(values["jwks_uri"] ?? ""), { [customFetch]: read });
  const { issuer = "", audience = "" } = values;
  const { payload } = await jwtVerify(token, keys, { issuer, audience });
  await dispatcher.close();
  return payload["scope"] ?? (payload["scp"] as readonly string[]).join(" ");
}

it.each(["auth0", "okta"])(
  "Node.js: the page's program gets a token from %s that its JWKS verifies",
  async (vendor) => {
    writeFileSync(join(dir, "workload.mjs"), codeOf(PAGE, "js", "// workload.mjs"));
    if (!existsSync(join(dir, "node_modules"))) symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
    const { stdout } = await exec(process.execPath, [join(dir, "workload.mjs"), sandbox.setup, vendor]);
    expect(await verified(stdout.trim(), vendor)).toBe(SCOPES);
  },
);

const hasGo = (): boolean => {
  try {
    return execFileSync("go", ["version"]).length > 0;
  } catch {
    return false;
  }
};

it.runIf(hasGo())(
  "Go, where the command go is installed: the package of the how-to for Go gets tokens with the sandbox's folder",
  async () => {
    const sources = join(dir, "go");
    cpSync(join(ROOT, "test/docs/go"), sources, { recursive: true });
    mkdirSync(join(sources, "access"));
    const code = codeOf("docs/how-to/go.md", "go", "Package access");
    for (const [vendor, style] of [
      ["auth0", "AuthStyleInParams"],
      ["okta", "AuthStyleInHeader"],
    ] as const) {
      writeFileSync(join(sources, "access/access.go"), `${code.replace("AuthStyleInParams", style)}\n`);
      await exec("go", ["build", "-o", "workload", "."], { cwd: sources });
      const env = { SSL_CERT_FILE: join(dir, "sandbox/ca.pem") };
      const { stdout } = await exec(join(sources, "workload"), [join(dir, "sandbox", vendor)], { env });
      const [token = ""] = stdout.split("\n");
      expect(decodeJwt(token)).toMatchObject({ aud: AUDIENCE });
      expect(await verified(token, vendor)).toBe(SCOPES);
    }
  },
  240_000,
);

it("flags that do not fit together are refused with the usage", async () => {
  const failing = exec(process.execPath, ["sandbox/main.ts", "--audience", AUDIENCE]);
  await expect(failing).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--dir or --setup-port is needed") as string,
  });
});
