import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
const MANIFEST = join(dir, "writes.yaml");
writeFileSync(
  MANIFEST,
  `apiVersion: m2m-operator.io/v1alpha1
kind: ScopeGrant
metadata: { name: writes }
spec: { clientRef: { name: importer }, apiRef: { name: api }, scopes: ["write:things"] }
`,
);

let world: World;
let namespace: string;
let editor: string;
let nobody: string;

beforeAll(async () => {
  world = await createWorld();
  namespace = await world.namespace();
  await world.api(namespace, "api");
  await world.client(namespace, "importer");
  await world.grant(namespace, "reads", {
    ...{ clientRef: { name: "importer" }, apiRef: { name: "api" } },
    scopes: ["read:things"],
  });
  await world.ready("ScopeGrant", namespace, "reads");
  await world.ready("M2MClient", namespace, "importer");
  editor = await user("editor", EDITOR);
  nobody = await user("nobody", []);
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

/** A kubeconfig for somebody with these rules in the namespace, and none elsewhere. */
async function user(name: string, rules: readonly object[]): Promise<string> {
  await (await createUser(world.cluster, namespace, name, rules)).close();
  const path = join(dir, name);
  writeFileSync(path, await kubeconfigOf(world.cluster, namespace, name));
  return path;
}

const RESOURCES = ["identityproviders", "oauthapis", "m2mclients", "scopegrants", "changepreviews"];
const EDITOR = [
  { apiGroups: ["m2m-operator.io"], resources: RESOURCES, verbs: ["get", "list", "create", "patch", "delete"] },
  { apiGroups: [""], resources: ["secrets", "pods"], verbs: ["get", "list"] },
];

/** Every command, its exit code with rights in the namespace alone, and what it then says. */
const COMMANDS: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["status"], 0, /not shown: ClusterIdentityProvider/],
  [["plan", "-f", MANIFEST], 2, /update grant/],
  [["map"], 0, /importer/],
  [["export", "--provider", "default"], 1, /You may not get clusteridentityproviders/],
  [["doctor"], 0, /not checked: .*clusteridentityproviders/],
  [["token", "importer"], 1, /use --ca FILE/],
  [["verify", "importer"], 3, /importer +https\S+ +Failed/],
  [["reconcile", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["pause", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["resume", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["rotate", "importer"], 0, /a new credential is requested/],
  [["compromised", "importer"], 0, /are revoked immediately/],
  [["confirm-revocations", "oapi/api", "--yes"], 0, /waits for no confirmation/],
  [["confirm-orphans", "default", "--yes"], 1, /You may not get clusteridentityproviders/],
  [["force-delete", "api", "--yes"], 1, /is not being deleted/],
];

it("the table has every command", async () => {
  const { stdout } = await m2m(["help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name);
  const known = new Set(COMMANDS.map(([[name]]) => name));
  expect(commands.filter((name) => name !== "help" && !known.has(name))).toEqual([]);
  expect(commands.length).toBeGreaterThan(10);
});

it.each(COMMANDS)(
  "%s says what it needs with rights in one namespace alone, and with none",
  async (args, code, text) => {
    const command = [...args, "-n", namespace];
    const some = await m2m(command, editor);
    expect(some.stdout + some.stderr).toMatch(text);
    expect(some.code).toBe(code);
    const none = await m2m(command, nobody);
    expect(none.stderr).toMatch(/^Error: You may (not|list no) .*\nAsk an administrator/);
    expect(none).toMatchObject({ stdout: "", code: 1 });
  },
);
