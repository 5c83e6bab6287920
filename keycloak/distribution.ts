import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Log, preparedFolder } from "../tools/cache-folder.ts";
import { runProgram } from "../tools/run-program.ts";
import { type MavenArchive, unpackFromMaven } from "./maven-archive.ts";
import { runServer } from "./server-process.ts";

export const KEYCLOAK_VERSION = "26.7.3";

/** Change it together with the version. The size and the SHA-1 are in the repository, and the SHA-256 is that file's. */
const ARCHIVE: MavenArchive = {
  artifact: `org.keycloak:keycloak-quarkus-dist:${KEYCLOAK_VERSION}:zip`,
  size: 176_710_367,
  sha256: "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f",
};

/** Folders that begin with this are unfinished. */
const WORK = "work-";

/** A distribution that was built for our options, and a database in which the first start has done its work. */
export interface Distribution {
  /** Folder with `bin/kc.sh`. */
  readonly home: string;
  /** H2 database with the realm `master` and the bootstrap administrator. Copied for each server. */
  readonly template: string;
}

/** The administrator's client in the realm `master`, written into the template. Servers listen on the loopback alone. */
export const ADMINISTRATOR = { clientId: "bootstrap", clientSecret: "not-a-real-secret" } as const;

/** Options that are compiled into the distribution. */
const BUILD_OPTIONS = ["--db=dev-file", "--health-enabled=true"];

/** Why no Keycloak can run here; `undefined` when one can. */
export function whyNoKeycloak(): string | undefined {
  const version = javaVersion();
  if (version === undefined) return "Java is not installed. Keycloak needs Java 17 or newer.";
  return version < 17 ? `Java ${String(version)} is installed. Keycloak needs Java 17 or newer.` : undefined;
}

function javaVersion(): number | undefined {
  try {
    const text = execFileSync("java", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return Number(/^\S+ (\d+)/.exec(text)?.[1] ?? "0");
  } catch {
    return undefined;
  }
}

/** A cached distribution, else one from the Maven repository, built once. Says what it does, since that takes minutes. */
export async function ensureKeycloak(log: Log): Promise<Distribution> {
  const dir = await preparedFolder(
    {
      folder: join("keycloak", KEYCLOAK_VERSION),
      title: "Keycloak",
      isComplete: (folder) => existsSync(distributionIn(folder).template),
      work: (folder) => prepare(folder, log),
    },
    log,
  );
  return distributionIn(dir);
}

const distributionIn = (dir: string): Distribution => ({
  home: join(dir, `keycloak-${KEYCLOAK_VERSION}`),
  template: join(dir, "template.mv.db"),
});

/**
 * Works in a folder of its own: what a killed preparation, or a program of it that still runs, leaves behind is never used.
 * The database comes last: with it the distribution is complete.
 */
async function prepare(dir: string, log: Log): Promise<void> {
  for (const name of readdirSync(dir)) if (name.startsWith(WORK)) rmSync(join(dir, name), REMOVED);
  const work = mkdtempSync(join(dir, WORK));
  const [unfinished, finished] = [distributionIn(work), distributionIn(dir)];
  try {
    log(`fetching Keycloak ${KEYCLOAK_VERSION} with Maven, 180 MB …`);
    await unpackFromMaven(ARCHIVE, work);
    log("building Keycloak, about 1 min on two cores …");
    const build = [join(unfinished.home, "bin/kc.sh"), "build", ...BUILD_OPTIONS];
    await runProgram("sh", build, { cwd: work, missing: "sh is missing" });
    log("filling Keycloak's database, about 1 min on two cores …");
    await fillTemplate(unfinished);
    rmSync(finished.home, REMOVED);
    renameSync(unfinished.home, finished.home);
    renameSync(unfinished.template, finished.template);
  } finally {
    rmSync(work, REMOVED);
  }
}

const REMOVED = { recursive: true, force: true } as const;

/** Two thirds of a first start are the schema and the realm `master`, which no later start repeats. */
async function fillTemplate({ home, template }: Distribution): Promise<void> {
  const server = await runServer({ home, database: join(home, "data/h2/keycloakdb"), administrator: ADMINISTRATOR });
  await server.stop();
  copyFileSync(join(home, "data/h2/keycloakdb.mv.db"), template);
}
