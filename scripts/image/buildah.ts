import { execFile } from "node:child_process";

/** Runs buildah with a storage of its own below `dir`, so that nothing of the user's images is touched. */
export interface Buildah {
  /** What it printed. Throws with what it said on stderr when it fails. */
  run(...args: readonly string[]): Promise<string>;
}

export function createBuildah(dir: string): Buildah {
  const storage = ["--root", `${dir}/storage`, "--runroot", `${dir}/run`, "--storage-driver", "vfs"];
  const env = { ...process.env, BUILDAH_ISOLATION: "chroot" };
  return {
    run: (...args) =>
      new Promise((resolve, reject) => {
        const options = { env, maxBuffer: 64 * 1024 * 1024 };
        execFile("buildah", [...storage, ...args], options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout.trim());
          else if (error.code === "ENOENT") reject(new Error("buildah is needed: install Debian's package buildah"));
          else reject(new Error(`buildah ${args.join(" ")}:\n${stderr.slice(-3000)}`));
        });
      }),
  };
}
