import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "./bundle.ts";
import { noticesOf } from "./notices.ts";

/** What is this package's own in its manifest. Version, licence and engines are those of the project unless they stand here. */
export interface PackageManifest {
  readonly name: string;
  readonly description: string;
  /** Files of the folder, by the command that runs them. */
  readonly bin: Readonly<Record<string, string>>;
  readonly engines?: { readonly node: string };
}

/** Makes an npm package without dependencies of a folder that holds a bundle: notices, licence, manifest. */
export function completePackage(root: string, folder: string, { inputs, bytes }: Bundle, own: PackageManifest): void {
  const { version, license, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly version: string;
    readonly license: string;
    readonly engines: object;
  };
  const { packages, text } = noticesOf(root, inputs);
  for (const file of Object.values(own.bin)) chmodSync(join(folder, file), 0o755);
  writeFileSync(join(folder, "THIRD_PARTY_NOTICES.txt"), text);
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const manifest = { version, license, type: "module", engines, ...own };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${folder}: ${(bytes / 1_000_000).toFixed(1)} MB of code, ${String(packages.length)} packages in it`);
}

/** Packs the folder as a tarball beside it, and prints its path. */
export function packBeside(folder: string): void {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", ".."], options);
  console.log(join(folder, "..", packed.trim()));
}
