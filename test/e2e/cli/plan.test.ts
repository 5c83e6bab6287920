import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

let world: World;
let namespace: string;
let folder: string;
beforeAll(async () => {
  world = await createWorld();
  namespace = await world.namespace();
  folder = mkdtempSync(join(tmpdir(), "m2m-plan-"));
  const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
  const objects = [
    world.resource("OAuthApi", namespace, "times", {
      ...{
        providerRef,
        audience: `https://${namespace}.example.com/times`,
        scopes: [{ name: "read" }, { name: "write" }],
      },
    }),
    world.resource("M2MClient", namespace, "job", { providerRef, displayName: "Nightly" }),
    world.resource("ScopeGrant", namespace, "job-reads", {
      clientRef: { name: "job" },
      apiRef: { name: "times" },
      scopes: ["read"],
    }),
  ];
  write("access.yaml", objects);
  write("kustomization.yaml", [{ resources: ["access.yaml"] }]);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.end();
});

const write = (name: string, objects: readonly object[]): string => {
  const path = join(folder, name);
  writeFileSync(path, objects.map((object) => stringify(object)).join("---\n"));
  return path;
};
const previews = () => world.cluster.list("ChangePreview", namespace);

it("shows what an apply would create, ends with 2, and leaves nothing behind", async () => {
  const { code, stdout, stderr } = await m2m(["plan", "-n", namespace, "-f", join(folder, "access.yaml")]);
  expect(stderr).toBe("");
  expect(code).toBe(2);
  expect(stdout).toContain(
    `+ Tenant: create API https://${namespace}.example.com/times, for OAuthApi ${namespace}/times`,
  );
  expect(stdout).toContain("displayName: Nightly");
  expect(stdout).toContain("+ Tenant: create grant");
  expect(stdout).toContain(`+ Secret: create Secret ${namespace}/job`);
  expect(stdout).toContain("data.client_id: (known after apply)");
  expect(stdout).not.toContain("Deletions and revocations");
  expect(await previews()).toEqual([]);
  expect(await world.cluster.get("M2MClient", namespace, "job")).toBeUndefined();
});

it("reads a kustomization, and prints Markdown, JSON and YAML", async () => {
  const markdown = await m2m(["plan", "-n", namespace, "-k", folder, "-o", "markdown"]);
  expect(markdown).toMatchObject({ code: 2, stderr: "" });
  expect(markdown.stdout).toContain("| 1 | ");
  const json = await m2m(["plan", "-n", namespace, "-k", folder, "-o", "json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ outcome: "Changes", namespaces: [{ namespace }] });
  expect((await m2m(["plan", "-n", namespace, "-k", folder, "-o", "yaml"])).stdout).toContain("outcome: Changes");
});

it("ends with 0 once everything is applied, sets deletions apart, and ends with 3 for what would be refused", async () => {
  const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
  await world.api(namespace, "times", {
    audience: `https://${namespace}.example.com/times`,
    scopes: [{ name: "read" }, { name: "write" }],
  });
  await world.client(namespace, "job", { displayName: "Nightly" });
  await world.grant(namespace, "job-reads", {
    clientRef: { name: "job" },
    apiRef: { name: "times" },
    scopes: ["read"],
  });
  for (const [kind, name] of [
    ["OAuthApi", "times"],
    ["M2MClient", "job"],
    ["ScopeGrant", "job-reads"],
  ] as const)
    await world.ready(kind, namespace, name);
  const same = await m2m([
    "plan",
    "-n",
    namespace,
    "-f",
    join(folder, "access.yaml"),
    "--server-side",
    "--force-conflicts",
  ]);
  expect(same.stdout).toContain("Applying would change nothing.");
  expect(same.code).toBe(0);

  const removal = await m2m(["plan", "-n", namespace, "--delete", "m2mc/job", "sgrant/job-reads"]);
  expect(removal.code).toBe(2);
  expect(removal.stdout).toMatch(/Deletions and revocations\n(?: {2}- .*\n)* {2}- Tenant: delete client/);

  const path = write("wrong.yaml", [
    world.resource("OAuthApi", namespace, "second", {
      providerRef,
      audience: `https://${namespace}.example.com/times`,
      scopes: [],
    }),
  ]);
  const refused = await m2m(["plan", "-n", namespace, "-f", path]);
  expect(refused.code).toBe(3);
  expect(refused.stdout).toContain(`! OAuthApi ${namespace}/second: Conflict:`);
});

it("says what is wrong with manifests, with the command line, and what it leaves out", async () => {
  const invalid = await m2m([
    "plan",
    "-n",
    namespace,
    "-f",
    write("invalid.yaml", [world.resource("M2MClient", namespace, "x", { nonsense: 1 })]),
  ]);
  expect(invalid).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("would not take the manifests") as unknown,
  });
  expect(await m2m(["plan", "-n", namespace])).toMatchObject({ code: 1 });
  expect(await m2m(["plan", "--nonsense"])).toMatchObject({ code: 1 });
  const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other", namespace }, data: {} };
  const skipped = await m2m(["plan", "-n", namespace, "-f", write("other.yaml", [other])]);
  expect(skipped).toMatchObject({ code: 0, stderr: "Not previewed: ConfigMap other.\n" });
});
