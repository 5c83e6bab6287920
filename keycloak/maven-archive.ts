import { createHash } from "node:crypto";
import { createReadStream, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../tools/run-program.ts";

/** A zip file in the Maven repository that the user's settings name, and what it must be. */
export interface MavenArchive {
  /** `group:artifact:version:zip`. */
  readonly artifact: string;
  /** In bytes. */
  readonly size: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const MISSING = "Maven is needed to fetch Keycloak: install Maven 3.8 or newer.";

/** Fetches an archive, throws unless it is the pinned one, and unpacks it into the folder, where Maven may leave other files. */
export async function unpackFromMaven(archive: MavenArchive, dir: string): Promise<void> {
  const mvn = (goal: string, ...flags: readonly string[]): Promise<void> =>
    runProgram(
      "mvn",
      ["-q", "-B", "-C", ...flags, `${PLUGIN}:${goal}`, `-Dartifact=${archive.artifact}`, `-DoutputDirectory=${dir}`],
      { cwd: dir, missing: MISSING },
    );
  await mvn("copy");
  const name = readdirSync(dir).find((file) => file.endsWith(".zip"));
  if (name === undefined) throw new Error(`Maven did not fetch ${archive.artifact}.`);
  const file = join(dir, name);
  await assertPinned(file, archive);
  rmSync(file);
  // From the user's Maven cache, which the copy came from.
  await mvn("unpack", "--offline");
}

/** Throws unless the file is the archive. */
export async function assertPinned(file: string, { artifact, size, sha256 }: MavenArchive): Promise<void> {
  const found = statSync(file).size;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const digest = hash.digest("hex");
  if (found === size && digest === sha256) return;
  throw new Error(
    `${artifact} is not the pinned file: it has ${String(found)} bytes and the SHA-256 ${digest}, in place of ${String(size)} bytes and ${sha256}. Delete it from the Maven cache, and check the Maven repository.`,
  );
}
