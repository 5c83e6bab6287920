import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { ensureBinaries } from "../../control-plane/binaries.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { archiveName, type Platform, programName, thisPlatform } from "../../scripts/bundle/krew.ts";
import { ROOT } from "./programs.ts";
import { runTool } from "./run-tool.ts";

/** The kubectl plugin as it is shipped: one executable file, and the manifest by which krew installs it. */
const dir = mkdtempSync(join(tmpdir(), "m2m-ship-plugin-"));
const unpacked = join(dir, "unpacked");
const archive = archiveName(OPERATOR_VERSION, thisPlatform());
const program = join(unpacked, programName(thisPlatform()));
let binaries: string;

beforeAll(async () => {
  execFileSync(process.execPath, [join(ROOT, "scripts/cli-executable.ts"), "--dir", dir]);
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", join(dir, archive), "-C", unpacked]);
  binaries = await ensureBinaries(() => undefined);
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Without any Node.js on the PATH. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const env = { PATH: [unpacked, binaries].join(delimiter), HOME: dir };
  return (await promisify(execFile)(join(binaries, "kubectl"), [...args], { env })).stdout;
}

it("the executable runs without Node.js, as a plugin of kubectl", async () => {
  expect(await kubectl("m2m", "--version")).toBe(`${OPERATOR_VERSION}\n`);
  expect(await kubectl("m2m", "help", "doctor")).toContain("--fail-on <severity>");
  expect(readdirSync(unpacked)).toEqual(expect.arrayContaining(["LICENSE", "THIRD_PARTY_NOTICES.txt"]));
});

it("says what is wrong with exit codes, and prints no stack trace", async () => {
  const env = { HOME: dir, KUBECONFIG: join(dir, "nothing") };
  const failed = await promisify(execFile)(program, ["status"], { env }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: /) as unknown });
  expect(failed).not.toMatchObject({ stderr: expect.stringContaining("    at ") as unknown });
});

it("completes command lines under a second name", async () => {
  symlinkSync(program, join(unpacked, "kubectl_complete-m2m"));
  expect(await kubectl("__complete", "m2m", "rec")).toContain("reconcile\tRead the tenant again now\n:4");
});

const PLATFORMS = (["linux", "darwin", "windows"] as const).flatMap((os) =>
  (["amd64", "arm64"] as const).map((arch): Platform => ({ os, arch })),
);

it("the krew manifest names every archive with its digest, and krew's own check accepts it", async () => {
  const release = join(dir, "release");
  mkdirSync(release);
  for (const platform of PLATFORMS)
    writeFileSync(join(release, archiveName(OPERATOR_VERSION, platform)), `${platform.os} ${platform.arch}`);
  writeFileSync(join(release, "crds.yaml"), "");
  const file = join(dir, "m2m.yaml");
  writeFileSync(file, execFileSync(process.execPath, [join(ROOT, "scripts/krew.ts"), release]));
  const { spec } = parse(readFileSync(file, "utf8")) as {
    readonly spec: {
      readonly platforms: readonly { readonly uri: string; readonly sha256: string; readonly bin: string }[];
    };
  };
  expect(spec.platforms).toHaveLength(PLATFORMS.length);
  for (const { sha256, uri } of spec.platforms) {
    const content = readFileSync(join(release, uri.slice(uri.lastIndexOf("/") + 1)));
    expect(sha256).toBe(createHash("sha256").update(content).digest("hex"));
  }
  expect(spec.platforms.map(({ bin }) => bin).filter((bin) => bin.endsWith(".exe"))).toHaveLength(2);
  const { code, output } = await runTool("validate-krew-manifest", ["-manifest", file, "-skip-install"]);
  expect([code, output]).toEqual([0, expect.any(String)]);
  const broken = join(dir, "broken", "m2m.yaml");
  mkdirSync(join(dir, "broken"));
  writeFileSync(broken, readFileSync(file, "utf8").replace(/sha256: .*/, "sha256: none"));
  expect((await runTool("validate-krew-manifest", ["-manifest", broken, "-skip-install"])).code).not.toBe(0);
});

it("krew installs the archive by that manifest, and none that was changed since", async () => {
  const root = join(dir, "krew");
  const manifest = join(dir, "krew.yaml");
  writeFileSync(manifest, execFileSync(process.execPath, [join(ROOT, "scripts/krew.ts"), dir]));
  const install = (file: string) =>
    runTool("krew", ["install", `--manifest=${manifest}`, `--archive=${file}`], { KREW_ROOT: root, HOME: dir });
  const changed = join(dir, "changed.tar.gz");
  writeFileSync(changed, Buffer.concat([readFileSync(join(dir, archive)), Buffer.from("x")]));
  const refused = await install(changed);
  expect([refused.code, refused.output]).toEqual([1, expect.stringContaining("checksum")]);
  const { code, output } = await install(join(dir, archive));
  expect([code, output]).toEqual([0, expect.stringContaining("Installed plugin: m2m")]);
  const env = { PATH: [join(root, "bin"), binaries].join(delimiter), HOME: dir };
  const { stdout } = await promisify(execFile)(join(binaries, "kubectl"), ["m2m", "--version"], { env });
  expect(stdout).toBe(`${OPERATOR_VERSION}\n`);
});
