import type { Command } from "commander";
import { type ClusterOptions, type OpenCluster, openCluster } from "../cluster/open.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** What commands need from the process. The definitions of the commands alone need nothing of it. */
export interface Services {
  readonly terminal: Terminal;
  readonly now: () => Date;
  /** The exit code of the process, once the command has finished. */
  readonly finish: (code: ExitCode) => void;
}

/** Runs with an open cluster, and returns the exit code. */
export type ClusterRun<Options> = (
  session: Services & { readonly cluster: OpenCluster },
  options: Options,
  ...args: readonly string[]
) => Promise<ExitCode>;

/** The action of a command that talks to the cluster. Closes the connection whatever happens. */
export function onCluster<Options>(services: Services, run: ClusterRun<Options>) {
  return async function (this: Command): Promise<void> {
    const options = this.optsWithGlobals<Options & ClusterOptions>();
    const cluster = openCluster(options);
    try {
      services.finish(await run({ ...services, cluster }, options, ...(this.args as readonly string[])));
    } finally {
      await cluster.connection.close();
    }
  };
}

/** What `onCluster` hands to a command. */
export type Session = Parameters<ClusterRun<unknown>>[0];
