import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Archive, krewManifest, platformOf } from "./bundle/krew.ts";
import { REPOSITORY } from "./generate/repository.ts";
import { OPERATOR_VERSION } from "../src/version.ts";

/** Prints the krew manifest for the archives of the kubectl plugin in a folder. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: krew.ts FOLDER");
const archives = readdirSync(folder)
  .sort()
  .flatMap((file): readonly Archive[] => {
    const platform = platformOf(file);
    if (platform === undefined) return [];
    const sha256 = createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
    return [{ ...platform, file, sha256 }];
  });
if (archives.length === 0) throw new Error(`${folder} has no archive of the kubectl plugin`);
process.stdout.write(krewManifest(REPOSITORY, OPERATOR_VERSION, archives));
