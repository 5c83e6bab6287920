import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BASE_IMAGE, BUILD_IMAGE, makeBaseImage, makeBuildImage } from "./bases.ts";
import { type Buildah, createBuildah } from "./buildah.ts";

export interface OperatorImage {
  /** Folder with the image's whole file system, as a container would see it. */
  readonly root: string;
  /** What the image says of itself. */
  readonly config: ImageConfig;
}

export interface ImageConfig {
  readonly User?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
}

/** A Dockerfile, relative to the project, and the name of its image. */
interface Recipe {
  readonly file: string;
  readonly name: string;
}

const OPERATOR: Recipe = { file: "Dockerfile", name: "localhost/m2m-operator" };
/** The simulated tenants. */
export const SANDBOX: Recipe = { file: "sandbox/Dockerfile", name: "localhost/m2m-sandbox" };

/** Builds a Dockerfile of `project` with buildah, on bases made from this machine. Takes about a minute. */
export async function buildOperatorImage(
  project: string,
  dir: string,
  log: (line: string) => void,
  { file, name }: Recipe = OPERATOR,
): Promise<OperatorImage> {
  mkdirSync(dir, { recursive: true });
  const buildah = createBuildah(dir);
  log("making base images from this machine's Node …");
  await makeBaseImage(buildah, dir);
  await makeBuildImage(buildah, dir);
  log("building the Dockerfile …");
  const bases = ["--build-arg", `BASE_IMAGE=${BASE_IMAGE}`, "--build-arg", `BUILD_IMAGE=${BUILD_IMAGE}`];
  await buildah.run("build", ...bases, "--network", "host", "--file", join(project, file), "--tag", name, project);
  return { root: await mounted(buildah, name), config: await configOf(buildah, name) };
}

async function mounted(buildah: Buildah, image: string): Promise<string> {
  return buildah.run("mount", await buildah.run("from", "--pull-never", image));
}

async function configOf(buildah: Buildah, image: string): Promise<ImageConfig> {
  const told = JSON.parse(await buildah.run("inspect", "--type", "image", image)) as {
    readonly OCIv1: { readonly config: ImageConfig };
  };
  return told.OCIv1.config;
}
