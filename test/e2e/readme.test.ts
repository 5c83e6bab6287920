import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBinaries } from "../../control-plane/binaries.ts";
import { type Block, blocksOf } from "../docs/pages.ts";
import { patternOf } from "../docs/shown.ts";
import { controlPlane } from "../integration/control-plane.ts";
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

it("kubectl prints what the README shows", async () => {
  const kubectl = join(await ensureBinaries(() => undefined), "kubectl");
  const [command = "", ...lines] = blockAfter("What you get", "text").text.split("\n");
  const args = command.replace("$ kubectl ", "").split(" ");
  const env = { KUBECONFIG: controlPlane().kubeconfig, KUBECACHEDIR: join(tmpdir(), "m2m-readme-kubectl") };
  const { stdout } = await promisify(execFile)(kubectl, args, { env });
  expect(stdout).toMatch(patternOf(lines.join("\n")));
});
