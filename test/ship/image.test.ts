import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apply, type Environment, ROOT, startEnvironment, waitReady } from "../../demo/environment.ts";
import { shownAuth0, shownOkta } from "../../demo/tenants.ts";
import { imageCommand } from "../../scripts/image/image-command.ts";
import { buildOperatorImage, type OperatorImage } from "../../scripts/image/operator-image.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-image-"));
const say = (line: string): void => {
  console.log(line);
};

let image: OperatorImage;
beforeAll(async () => {
  image = await buildOperatorImage(ROOT, join(dir, "image"), say);
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const files = (): readonly string[] =>
  readdirSync(image.root, { recursive: true, encoding: "utf8" }).filter((path) =>
    lstatSync(join(image.root, path)).isFile(),
  );

it("the image runs as a user that is not root, and says what it is", () => {
  const { User, Entrypoint, Cmd = [], Labels = {} } = image.config;
  expect(User).toBe("65532:65532");
  // What a Pod gives as args comes after it.
  expect([Entrypoint, Cmd]).toEqual([["/nodejs/bin/node", "/app/main.js"], []]);
  expect(Labels["org.opencontainers.image.version"]).toBe(OPERATOR_VERSION);
  expect(Labels["org.opencontainers.image.licenses"]).toBe("Apache-2.0");
});

it("there is no shell, no package manager and no module folder in it", () => {
  const names = files().map((path) => path.slice(path.lastIndexOf("/") + 1));
  expect(names.filter((name) => /^(sh|bash|dash|busybox|npm|npx|apt|apk|env)$/.test(name))).toEqual([]);
  expect(files().filter((path) => path.includes("node_modules/"))).toEqual([]);
});

it("nothing in it belongs to the user that it runs as, or can be written by all", () => {
  const open = files().filter((path) => {
    const { uid, mode } = lstatSync(join(image.root, path));
    return uid !== 0 || (mode & 0o022) !== 0;
  });
  expect(open).toEqual([]);
});

it("it is smaller than 150 MiB and holds the licences of all that is in it", () => {
  const bytes = files().reduce((sum, path) => sum + lstatSync(join(image.root, path)).size, 0);
  expect(bytes / 2 ** 20).toBeLessThan(150);
  const notices = readFileSync(join(image.root, "app/THIRD_PARTY_NOTICES.txt"), "utf8");
  for (const name of ["auth0", "@okta/okta-sdk-nodejs", "@kubernetes/client-node", "undici", "pino"])
    expect(notices).toContain(`${name} `);
});

it("the bill of materials names every package that is in it, and no tool of the developers", () => {
  const told = execFileSync("npm", ["run", "--silent", "sbom"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const { components } = JSON.parse(told) as {
    components: readonly { readonly name: string; readonly version: string }[];
  };
  const listed = components.map(({ name, version }) => `${name} ${version}`);
  const notices = readFileSync(join(image.root, "app/THIRD_PARTY_NOTICES.txt"), "utf8");
  const bundled = [...notices.matchAll(/^(\S+ \S+) \([^)]*\)+$/gm)].map(([, title = ""]) => title);
  expect(bundled.length).toBeGreaterThan(50);
  expect(bundled.filter((title) => !listed.includes(title))).toEqual([]);
  expect(components.map(({ name }) => name).filter((name) => /^(vitest|eslint|esbuild|fastify)$/.test(name))).toEqual(
    [],
  );
});

it("run as that user on a read-only file system, it serves the same resources at Auth0 and at Okta", async () => {
  const environment: Environment = await startEnvironment(join(dir, "run"), say, [], imageCommand(image, dir));
  try {
    const { sandbox, connection, operator } = environment;
    const status = readFileSync(`/proc/${String(operator.pid)}/status`, "utf8");
    expect(/^Uid:\t(\d+)\t(\d+)/m.exec(status)?.slice(1)).toEqual(["65532", "65532"]);
    const all = [shownAuth0(sandbox, sandbox), shownOkta(sandbox, sandbox)];
    const documents = all.flatMap(({ provider, resources }) => [...provider, ...resources]);
    for (const document of documents) await apply(connection, document);
    for (const document of documents) if (document.kind !== "Namespace") await waitReady(connection, document);
  } finally {
    await environment.stop();
  }
});
