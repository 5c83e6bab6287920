import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import { expect, it } from "vitest";
import { whyNoKeycloak } from "../../keycloak/distribution.ts";
import { patternOf } from "../docs/shown.ts";
import { stepsOf as tutorialSteps } from "../docs/steps.ts";
import { eventually } from "../integration/cluster.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = ["key-manager", "developer-portal", "organizations", "timesheets", "timesheets/hs256", "keys"].concat([
  "adoption",
  ...["dev", "test", "prod"].map((name) => `environments/overlays/${name}`),
]);

/** Where Keycloak cannot run, the demo says so and shows the rest. */
const WHY_NO_KEYCLOAK = whyNoKeycloak();

it("the demo runs the examples from nothing to nothing, and shows no credential", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, "demo/main.ts")], { timeout: 400_000 });
  expect(stdout).toContain("ScopeGrant importer-uploads is Ready");
  expect(stdout).toContain("POST /upload: 200 uploaded");
  expect(stdout).toContain("POST /approve: 403 insufficient_scope");
  expect(stdout).toContain("refused: access_denied");
  expect(stdout).toContain("Left at Auth0: 0 APIs, 0 clients, 0 grants\n");
  expect(stdout).toContain("Left at Okta: 0 authorization servers, 0 apps, 0 policies\n");
  expect(stdout).toContain("nothing that the demo created is left");
  expect(stdout).toMatch(/Auth0 received \d+ requests in \d+ ms:\n {4}\w+ +[A-Z]+ \/api\/v2\/.*: \d+ /);
  // Text for people has no JSON.
  expect(stdout).not.toContain('{"');
  // Client secrets of the simulated tenant are 64 characters, tokens far longer.
  expect(stdout).not.toMatch(/[A-Za-z0-9_-]{64,}/);
  if (WHY_NO_KEYCLOAK === undefined) {
    expect(stdout).toContain("Left at Keycloak: 0 clients, 0 client scopes\n");
    expect(stdout).toContain("refused: invalid_scope");
    expect(stdout).toContain("Request with the Pod's service account token: 200");
    expect(stdout).toContain("create  POST /admin/realms/machines/clients: 201 Created");
  } else expect(stdout).toContain(`Without Keycloak: ${WHY_NO_KEYCLOAK}`);
  const recording = WHY_NO_KEYCLOAK === undefined ? recorded() : withoutKeycloak(recorded());
  expect(stepsOf(stdout)).toEqual(stepsOf(recording));
}, 420_000);

/** From the step that connects the realm to the one that deletes everything. */
const withoutKeycloak = (printed: string): string =>
  printed.replace(/^▸ kubectl apply -k deploy\/examples\/keycloak\/provider$[^]*(?=^▸ kubectl delete)/m, "");

it("where Java is missing, a demo that needs Keycloak says so and starts nothing", async () => {
  const demo = promisify(execFile)(process.execPath, [join(ROOT, "demo/main.ts"), "--with", "keycloak"], {
    env: { PATH: "/nonexistent" },
  });
  await expect(demo).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /^\n▸ Starting.*\n\n✗ Keycloak cannot run here: Java is not installed\. .*\n$/,
    ) as string,
  });
});

/** The words of the demo's steps, without what differs in every run and without line breaks. */
const stepsOf = (printed: string): readonly string[] =>
  [...printed.matchAll(/^▸ (.*)/gm)].map(([, step = ""]) => step.slice(0, 60).replaceAll(/\s+/g, " "));

/** What the recording on the site prints. `npm run demo:record` records it again. */
function recorded(): string {
  const [, ...events] = readFileSync(join(ROOT, "docs/public/demo.cast"), "utf8").trimEnd().split("\n");
  const printed = events.map((event) => (JSON.parse(event) as [number, string, string])[2]).join("");
  return printed.replaceAll("\r", "").replaceAll(/\u001b\[[\d;]*m/g, "");
}

/** The page says that its commands work in the demo from step 5 on, with these two exceptions. */
const NOT_IN_DEMO = [/ wait --for=condition=complete job\/import /, /^kind delete cluster /];

async function followTutorial(dir: string): Promise<void> {
  const steps = tutorialSteps("docs/tutorial.md");
  const first = steps.findIndex(({ command }) => command.heading.startsWith("5."));
  const run = steps.slice(first).filter(({ command }) => !NOT_IN_DEMO.some((pattern) => pattern.test(command.text)));
  expect(run.length).toBe(steps.length - first - NOT_IN_DEMO.length);
  // In place of the alias, which only an interactive shell has.
  const env = { ...process.env, PATH: [dir, process.env["PATH"]].join(delimiter), KUBECONFIG: join(dir, "kubeconfig") };
  for (const { command, shown } of run) {
    const script = ["--norc", "-euo", "pipefail", "-c", command.text];
    const { stdout } = await promisify(execFile)("bash", script, { env, timeout: 120_000 });
    if (shown !== undefined) expect(stdout).toMatch(patternOf(shown.text));
  }
}

it("kept running, it has every example and runs the tutorial, and each goes without a trace", async () => {
  const dir = mkdtempSync(join(tmpdir(), "m2m-demo-"));
  // Without Java, as on many machines. The first test has it where it is installed.
  const env = { ...process.env, PATH: "/nonexistent" };
  const demo = spawn(process.execPath, [join(ROOT, "demo/main.ts"), "--keep", "--no-examples", "--dir", dir], { env });
  let printed = "";
  demo.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  try {
    await eventually(
      () => printed,
      (text) => text.includes("the log of the operator"),
      "the demo kept running",
      180_000,
    );
    expect(printed).toContain("Without Keycloak: Java is not installed.");
    const kubectl = async (...args: readonly string[]): Promise<string> =>
      (await promisify(execFile)(join(dir, "kubectl"), ["--kubeconfig", join(dir, "kubeconfig"), ...args])).stdout;
    const { admin } = JSON.parse(readFileSync(join(dir, "sandbox.json"), "utf8")) as { admin: { url: string } };
    const dispatcher = new Agent({ connect: { ca: readFileSync(join(dir, "ca.pem"), "utf8") } });
    const state = async (): Promise<string> => (await fetch(`${admin.url}/state/auth0`, { dispatcher })).text();
    for (const example of EXAMPLES) {
      const [before, folder] = [await state(), join(dir, "examples/auth0", example)];
      await kubectl("apply", "-k", folder);
      await eventually(
        () => kubectl("get", "m2m", "-A", "--no-headers"),
        (text) => text.split("\n").every((line) => line === "" || /\bTrue\b/.test(line)),
        `${example} Ready`,
      );
      await kubectl("delete", "-k", folder, "--timeout=60s");
      expect(await state()).toBe(before);
    }
    const atOkta = join(dir, "examples/okta/adoption");
    await kubectl("apply", "-k", atOkta);
    await kubectl("wait", "--for=condition=Ready", "oauthapi,m2mclient,scopegrant", "--all", "-n", "adoption-okta");
    await kubectl("delete", "-k", atOkta, "--timeout=60s");
    await dispatcher.close();
    await followTutorial(dir);
  } finally {
    demo.kill("SIGTERM");
    await once(demo, "exit");
    rmSync(dir, { recursive: true, force: true });
  }
}, 420_000);
