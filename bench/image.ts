import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { apply, type Command, ROOT, startEnvironment, waitReady } from "../demo/environment.ts";
import { type Shown, shownAuth0, shownOkta } from "../demo/tenants.ts";
import { imageCommand } from "../scripts/image/image-command.ts";
import { buildOperatorImage, type OperatorImage } from "../scripts/image/operator-image.ts";
import { runImage } from "../scripts/image/run-image.ts";
import type { Row } from "./rows.ts";
import { createMemoryLimit, type MemoryLimit } from "./scale/memory-limit.ts";
import { residentMiBOf } from "./scale/process-figures.ts";

/** After the last work: garbage of the start is collected, and nothing new comes. */
const IDLE_MS = 20_000;
const MIB = 2 ** 20;

/**
 * The image as it is built from the Dockerfile, and the operator in it, run as a restricted Pod runs it, under the chart's
 * memory limit where the machine has control groups. Needs root.
 */
export async function benchmarkImage(say: (line: string) => void): Promise<readonly Row[]> {
  const dir = mkdtempSync(join(tmpdir(), "m2m-bench-image-"));
  const image = await buildOperatorImage(ROOT, join(dir, "image"), say);
  const limit = createMemoryLimit();
  say(`memory limit ${limit.told}`);
  const heapMiB = await heapLimitMiB(image, dir, limit);
  const { command, startSeconds } = timed(imageCommand(image, dir, limit.processes));
  const environment = await startEnvironment(join(dir, "run"), say, [], command);
  const { sandbox, connection, operator } = environment;
  const idle = async (what: string): Promise<number> => {
    say(`${what}: waiting ${String(IDLE_MS / 1000)} s before its memory is read …`);
    await delay(IDLE_MS);
    return residentMiBOf(operator.pid);
  };
  const serve = async ({ provider, resources }: Shown): Promise<void> => {
    const documents = [...provider, ...resources];
    for (const document of documents) await apply(connection, document);
    for (const document of documents) if (document.kind !== "Namespace") await waitReady(connection, document);
  };
  const withoutTenants = await idle("no tenant");
  await serve(shownAuth0(sandbox, sandbox));
  const withAuth0 = await idle("an Auth0 tenant");
  await serve(shownOkta(sandbox, sandbox));
  const withBoth = await idle("an Auth0 tenant and an Okta org");
  await environment.stop();
  limit.remove();
  const size = bytesBelow(image.root) / MIB;
  rmSync(dir, { recursive: true, force: true });
  const row = (metric: string, value: number, unit: string, bound?: number): Row => {
    const fields = { benchmark: "image", subject: "m2m-operator", metric, value, unit };
    return bound === undefined ? fields : { ...fields, bound };
  };
  return [
    row("size of the file system", size, "MiB", 150),
    row("from the start of the process until every cache is filled", startSeconds(), "s", 1),
    row("RSS, idle, no tenant", withoutTenants, "MiB", 120),
    row("RSS, idle, one Auth0 tenant", withAuth0, "MiB", 120),
    row("RSS, idle, one Auth0 tenant and one Okta org, both SDKs loaded", withBoth, "MiB"),
    row("heap that Node allows itself", heapMiB, "MiB"),
  ];
}

/** Watches begin once their first listing is there, so the line about the caches comes after every first watch began. */
function timed(command: Command): { readonly command: Command; readonly startSeconds: () => number } {
  let seconds = Number.NaN;
  return {
    startSeconds: () => seconds,
    command: (flags) => {
      const startedAt = performance.now();
      const child = command(flags);
      child.stdout?.on("data", (chunk: Buffer) => {
        if (Number.isNaN(seconds) && chunk.includes("caches are filled"))
          seconds = (performance.now() - startedAt) / 1000;
      });
      return child;
    },
  };
}

/** What the image's own command tells Node, and Node derives from the limit, asked of a process like the operator's. */
async function heapLimitMiB(image: OperatorImage, dir: string, { processes }: MemoryLimit): Promise<number> {
  const shared = join(dir, "heap");
  mkdirSync(shared);
  const node = { ...image, config: { ...image.config, Entrypoint: image.config.Entrypoint?.slice(0, -1) ?? [] } };
  const child = runImage(node, ["-p", "v8.getHeapStatistics().heap_size_limit"], shared, processes);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await new Promise((resolve) => child.once("close", resolve));
  return Number(printed) / MIB;
}

function bytesBelow(root: string): number {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => lstatSync(join(root, path)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}
