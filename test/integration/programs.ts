import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { inject } from "vitest";
import type { Bundle } from "../../scripts/bundle/bundle.ts";
import { bundleCli } from "../../scripts/bundle/cli.ts";
import { bundleOperator } from "../../scripts/bundle/operator.ts";
import { preparedFolder } from "../../tools/cache-folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Paths of the programs. */
    programs: Programs;
  }
}

/** Paths of what tests start with Node in a process of its own, as it is shipped. */
export interface Programs {
  readonly operator: string;
  /** The kubectl plugin. */
  readonly plugin: string;
}

interface Recipe {
  readonly title: string;
  /** What it is made from. The lockfile stands for the packages. */
  readonly sources: readonly string[];
  /** Bundles it into `main.js` in this folder, with chunks beside it. */
  readonly bundled: (folder: string) => Promise<Bundle>;
}

const root = join(import.meta.dirname, "../..");
const PACKAGES = ["package-lock.json", "package.json", "scripts/bundle/bundle.ts"];

const RECIPES: Readonly<Record<keyof Programs, Recipe>> = {
  operator: {
    title: "the operator's program",
    sources: [...PACKAGES, "scripts/bundle/operator.ts", "src/**/*.{ts,json}"],
    bundled: (folder) => bundleOperator(root, folder),
  },
  plugin: {
    title: "the kubectl plugin",
    sources: [...PACKAGES, "scripts/bundle/cli.ts", "src/**/*.{ts,json}", "cli/**/*"],
    bundled: (folder) => bundleCli(root, folder, "main"),
  },
};

const KEPT_MS = 7 * 24 * 3_600_000;

const program = (dir: string): string => join(dir, "main.js");

/**
 * The programs as they are shipped: a process of them begins in a fraction of the time that its sources need. Each is
 * built once for what it is made from, and kept in the user's cache.
 */
export async function builtPrograms(): Promise<Programs> {
  const [operator, plugin] = await Promise.all([built("operator"), built("plugin")]);
  return { operator, plugin };
}

async function built(name: keyof Programs): Promise<string> {
  const recipe = RECIPES[name];
  const folder = join(`${name}-program`, digestOf(recipe.sources));
  const isComplete = (dir: string): boolean => existsSync(program(dir));
  const work = (dir: string): Promise<void> => build(recipe, dir);
  const dir = await preparedFolder({ folder, title: recipe.title, isComplete, work }, console.log);
  return program(dir);
}

/** `main.js` comes last, and whole: with it the folder is complete. */
async function build({ bundled }: Recipe, dir: string): Promise<void> {
  const work = mkdtempSync(join(dir, "work-"));
  await bundled(work);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  rmSync(join(dir, "chunks"), { recursive: true, force: true });
  renameSync(join(work, "chunks"), join(dir, "chunks"));
  renameSync(program(work), program(dir));
  rmSync(work, { recursive: true });
  forgetOld(dirname(dir));
}

/** Every change of a source leaves a folder behind. */
function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const dir = join(cache, name);
    if (Date.now() - statSync(dir).mtimeMs > KEPT_MS) rmSync(dir, { recursive: true, force: true });
  }
}

function digestOf(sources: readonly string[]): string {
  const hash = createHash("sha256");
  const paths = globSync(sources, { cwd: root }).filter((path) => statSync(join(root, path)).isFile());
  for (const path of paths.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex").slice(0, 32);
}

export const operatorProgram = (): string => inject("programs").operator;

export const pluginProgram = (): string => inject("programs").plugin;
