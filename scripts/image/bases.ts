import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Buildah } from "./buildah.ts";

/**
 * Stand-ins for the two images that the Dockerfile begins with, for machines that reach no image registry: made of the
 * Node that runs this and of the C libraries it is linked against. Like the real one, that of the final stage has no
 * shell, and Node at `/nodejs/bin/node`.
 */
export const BUILD_IMAGE = "localhost/build-base";
export const BASE_IMAGE = "localhost/node-base";

const node = realpathSync(process.execPath);

/** Copies a program with every library it is linked against to the same place below `root`. */
function copyLinked(program: string, root: string, target: string): void {
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g);
  for (const [, library = ""] of libraries) copyFile(library, join(root, library));
  copyFile(program, join(root, target));
}

function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function prepare(root: string): void {
  // What a container runtime mounts.
  for (const folder of ["proc", "sys", "dev", "run", "etc", "tmp"]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n");
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n",
  );
}

export async function makeBaseImage(buildah: Buildah, dir: string): Promise<void> {
  const root = join(dir, "node-base");
  prepare(root);
  copyLinked(node, root, "nodejs/bin/node");
  await commit(buildah, root, BASE_IMAGE, ["--user", "65532"]);
}

/** npm is this machine's own, with the authority it trusts registries by, where that is configured. */
export async function makeBuildImage(buildah: Buildah, dir: string): Promise<void> {
  const root = join(dir, "build-base");
  prepare(root);
  copyLinked("/bin/sh", root, "bin/sh");
  copyLinked("/usr/bin/env", root, "usr/bin/env");
  copyLinked(node, root, "usr/local/bin/node");
  const npm = dirname(dirname(realpathSync(execFileSync("which", ["npm"], { encoding: "utf8" }).trim())));
  cpSync(npm, join(root, "usr/local/lib/npm"), { recursive: true });
  symlinkSync("../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
  const authority = process.env["NODE_EXTRA_CA_CERTS"];
  const trust = authority === undefined ? [] : ["--env", "NODE_EXTRA_CA_CERTS=/etc/authority.pem"];
  if (authority !== undefined) writeFileSync(join(root, "etc/authority.pem"), readFileSync(authority));
  await commit(buildah, root, BUILD_IMAGE, ["--env", "PATH=/usr/local/bin:/usr/bin:/bin", ...trust]);
}

async function commit(buildah: Buildah, root: string, name: string, config: readonly string[]): Promise<void> {
  const container = await buildah.run("from", "scratch");
  await buildah.run("add", container, root, "/");
  await buildah.run("config", ...config, container);
  await buildah.run("commit", "--rm", container, name);
}
