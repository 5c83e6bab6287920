import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBinaries } from "../../control-plane/binaries.ts";
import { type Block, blocksOf } from "../docs/pages.ts";
import { patternOf } from "../docs/shown.ts";
import { controlPlane } from "../integration/control-plane.ts";
import { pluginProgram } from "../integration/programs.ts";
import { createWorld, type World } from "./world.ts";

/** The host that the page shows. */
const DOMAIN = "acme.eu.auth0.com";
const NAMESPACE = "payroll";

let world: World;
const blocks = blocksOf("README.md");
const blockAfter = (heading: string, language: string): Block => {
  const found = blocks.find((block) => block.heading === heading && block.language === language);
  if (found === undefined) throw new Error(`README.md shows no ${language} below "${heading}"`);
  return found;
};

beforeAll(async () => {
  world = await createWorld();
  const provider = await world.cluster.get("ClusterIdentityProvider", "", world.provider);
  await world.cluster.apply(world.resource("ClusterIdentityProvider", "", "default", provider?.["spec"] as object));
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE, labels: { world: world.provider } },
  });
  for (const document of parseAllDocuments(blockAfter("What you write", "yaml").text))
    await world.cluster.apply(document.toJS() as object);
  for (const [kind, name] of MADE) await world.ready(kind, NAMESPACE, name);
});

const MADE = [
  ["ScopeGrant", "importer-uploads"],
  ["M2MClient", "importer"],
  ["OAuthApi", "timesheets"],
] as const;

afterAll(async () => {
  for (const [kind, name] of MADE) await world.cluster.remove(kind, NAMESPACE, name);
  for (const [kind, name] of MADE) await world.gone(kind, NAMESPACE, name);
  await world.cluster.remove("Namespace", "", NAMESPACE);
  await world.cluster.remove("ClusterIdentityProvider", "", "default");
  await world.gone("ClusterIdentityProvider", "", "default");
  await world.end();
});

it("the Secret holds the keys and values that the README shows", async () => {
  const shown = parse(blockAfter("What you get", "yaml").text) as Readonly<Record<string, string>>;
  const published = (await world.cluster.secret(NAMESPACE, "importer-oauth")) ?? {};
  expect(Object.keys(published).sort()).toEqual(Object.keys(shown).sort());
  for (const [key, value] of Object.entries(shown)) {
    const pattern = patternOf(value.replaceAll(DOMAIN, world.sandbox.auth0.domain));
    expect(pattern.test(published[key] ?? ""), key).toBe(true);
  }
});

it("kubectl and its plugin print what the README shows", async () => {
  const kubectl = join(await ensureBinaries(() => undefined), "kubectl");
  const folder = mkdtempSync(join(tmpdir(), "m2m-readme-"));
  const grant = parseAllDocuments(blockAfter("What you write", "yaml").text)
    .map((document) => document.toJS() as { readonly kind: string; readonly spec: object })
    .find(({ kind }) => kind === "ScopeGrant");
  const scopes = ["batch:upload", "read:timesheets"];
  writeFileSync(join(folder, "more-scopes.yaml"), stringify({ ...grant, spec: { ...grant?.spec, scopes } }));
  const [, ...shown] = blockAfter("What you get", "text").text.split(/^\$ kubectl /m);
  expect(shown).toHaveLength(3);
  for (const one of shown) {
    const [command = "", ...lines] = one.split("\n");
    const args = command.split(" ");
    const [file, words] = args[0] === "m2m" ? [process.execPath, [pluginProgram(), ...args.slice(1)]] : [kubectl, args];
    const env = { ...process.env, KUBECONFIG: controlPlane().kubeconfig, KUBECACHEDIR: join(folder, "cache") };
    const path = `${dirname(kubectl)}${delimiter}${process.env["PATH"] ?? ""}`;
    const { stdout } = await ran(file, words, { cwd: folder, env: { ...env, PATH: path } });
    const text = lines.join("\n").replaceAll(DOMAIN, world.sandbox.auth0.domain);
    expect(stdout).toMatch(patternOf(text));
  }
  rmSync(folder, { recursive: true });
});

/** What it prints, whatever its exit code: that of a plan says whether something would change. */
function ran(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly stdout: string }> {
  return new Promise((resolve) => {
    execFile(file, [...args], options, (_error, stdout) => {
      resolve({ stdout });
    });
  });
}
