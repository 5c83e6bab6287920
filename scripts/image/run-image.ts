import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import type { OperatorImage } from "./operator-image.ts";

/** Where `shared` is seen inside. */
export const SHARED = "/run";

/**
 * Runs the image's own command with these arguments, as the user that it names, with its file system as root and nothing
 * of it writable, as a restricted Pod does. Files of the folder `shared` are handed to that user. `group` is the file that a process writes
 * its id into to join a control group. Must be root.
 */
export function runImage(
  { root, config }: OperatorImage,
  args: readonly string[],
  shared: string,
  group?: string,
): ChildProcess {
  const { Entrypoint = [], Cmd = [], User = "0:0", WorkingDir = "/", Env = [] } = config;
  const [uid = "0", gid = uid] = User.split(":");
  chownSync(shared, Number(uid), Number(gid));
  chmodSync(shared, 0o700);
  const steps = [
    ...(group === undefined ? [] : [`echo $$ > '${group}'`]),
    `mount --bind '${root}' '${root}'`,
    `mount --bind '${shared}' '${root}${SHARED}'`,
    `mount -t proc proc '${root}/proc'`,
    // Node reads its limit there, as in every container.
    ...(group === undefined ? [] : [`mount --rbind /sys '${root}/sys'`]),
    `mount -o remount,bind,ro '${root}'`,
  ].join(" && ");
  const enter = ["--root", root, "--wd", WorkingDir, "--setuid", uid, "--setgid", gid, "--"];
  // Every step replaces the one before, so that the child's id is that of the operator.
  const script = `${steps} && exec unshare "$@"`;
  return spawn("unshare", ["--mount", "sh", "-c", script, "sh", ...enter, ...Entrypoint, ...Cmd, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: Object.fromEntries(Env.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])),
  });
}
