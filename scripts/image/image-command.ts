import { chownSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../demo/environment.ts";
import type { OperatorImage } from "./operator-image.ts";
import { runImage, SHARED } from "./run-image.ts";

/**
 * The operator of the image in place of that of the source; it is handed the kubeconfig in a folder below `dir`. `group` is
 * that of `runImage`.
 */
export function imageCommand(image: OperatorImage, dir: string, group?: string): Command {
  const shared = join(dir, "shared");
  mkdirSync(shared, { recursive: true });
  return (flags) => {
    const at = flags.indexOf("--kubeconfig") + 1;
    const copy = join(shared, "kubeconfig");
    copyFileSync(flags[at] ?? "", copy);
    chownSync(copy, Number(image.config.User?.split(":")[0] ?? 0), 0);
    return runImage(image, flags.with(at, `${SHARED}/kubeconfig`), shared, group);
  };
}
