import { stringify } from "yaml";

/** Operating system and architecture, in the words of Go. */
export interface Platform {
  readonly os: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
}

/** An archive with the plugin for one platform. */
export interface Archive extends Platform {
  /** Name of the file, as the release has it. */
  readonly file: string;
  readonly sha256: string;
}

/** Name of the archive for a platform. */
export const archiveName = (version: string, { arch, os }: Platform): string =>
  `kubectl-m2m-${version}-${os}-${arch}.tar.gz`;

/** The platform of an archive by its name. `undefined` for any other file. */
export function platformOf(file: string): Platform | undefined {
  const [, os, arch] = /^kubectl-m2m-.*-(linux|darwin|windows)-(amd64|arm64)\.tar\.gz$/.exec(file) ?? [];
  return os === undefined || arch === undefined ? undefined : ({ os, arch } as Platform);
}

/** Name of the program within the archive. */
export const programName = ({ os }: Pick<Platform, "os">): string => (os === "windows" ? "kubectl-m2m.exe" : "kubectl-m2m");

/** The platform that this process runs on. Throws for one that the plugin is not built for. */
export function thisPlatform({ arch, platform }: Pick<NodeJS.Process, "arch" | "platform"> = process): Platform {
  const os = platform === "win32" ? "windows" : platform;
  const word = arch === "x64" ? "amd64" : arch;
  if ((os !== "linux" && os !== "darwin" && os !== "windows") || (word !== "amd64" && word !== "arm64"))
    throw new Error(`the plugin is not built for ${platform} on ${arch}`);
  return { os, arch: word };
}

/** The manifest by which krew installs the plugin from the files of a release. */
export function krewManifest(repository: string, version: string, archives: readonly Archive[]): string {
  const home = `https://github.com/${repository}`;
  const manifest = {
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "m2m" },
    spec: {
      version: `v${version}`,
      homepage: `${home}/blob/v${version}/docs/how-to/kubectl-m2m.md`,
      shortDescription: "Work with OAuth clients of m2m-operator",
      description:
        "Shows what is wrong with the APIs, clients and grants of m2m-operator, checks the setup before production, rotates and revokes credentials, confirms deletions, and requests and checks tokens.\n",
      caveats: "The plugin needs the CRDs of m2m-operator in the cluster.\n",
      platforms: archives.map(({ arch, file, os, sha256 }) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${home}/releases/download/v${version}/${file}`,
        sha256,
        bin: programName({ os }),
      })),
    },
  };
  return stringify(manifest, { lineWidth: 0 });
}
