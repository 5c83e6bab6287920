import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
let world: World;
let namespace: string;

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

const RESOURCES = ["identityproviders", "oauthapis", "m2mclients", "scopegrants"];
const EDITOR = [
  { apiGroups: ["m2m-operator.io"], resources: RESOURCES, verbs: ["get", "list", "patch"] },
  { apiGroups: [""], resources: ["secrets", "pods"], verbs: ["get", "list"] },
];

/** Every command, its exit code with rights in the namespace alone, and what it then says. */
const COMMANDS: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["status"], 0, /not shown: ClusterIdentityProvider/],
  [["doctor"], 0, /not checked: .*clusteridentityproviders/],
  [["token", "importer"], 1, /use --ca FILE/],
  [["verify", "importer"], 3, /importer +https\S+ +Failed/],
  [["reconcile", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["pause", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["resume", "m2mc/importer"], 0, /M2MClient \S+\/importer: /],
  [["rotate", "importer"], 0, /a new credential is requested/],
  [["compromised", "importer"], 0, /are revoked at once/],
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

it("with rights in one namespace alone, every command does what it may and says what it may not", async () => {
  const kubeconfig = await user("editor", EDITOR);
  for (const [args, code, text] of COMMANDS) {
    const ended = await m2m([...args, "-n", namespace], kubeconfig);
    expect([args, ended.stdout + ended.stderr]).toEqual([args, expect.stringMatching(text)]);
    expect([args, ended.code]).toEqual([args, code]);
  }
});

it("without any rights, every command names the missing permission and changes nothing", async () => {
  const kubeconfig = await user("nobody", []);
  for (const [args] of COMMANDS) {
    const { code, stderr, stdout } = await m2m([...args, "-n", namespace], kubeconfig);
    expect([args, stderr]).toEqual([
      args,
      expect.stringMatching(/^Error: You may (not|list no) .*\nAsk an administrator/),
    ]);
    expect([args, stdout, code]).toEqual([args, "", 1]);
  }
});
