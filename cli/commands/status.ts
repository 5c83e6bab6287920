import type { Command } from "commander";
import { follow } from "../cluster/follow.ts";
import { type Target, targetOf } from "../cluster/kinds.ts";
import { readResource } from "../cluster/objects.ts";
import type { OpenCluster } from "../cluster/open.ts";
import { takeSnapshot } from "../cluster/snapshot.ts";
import { usage } from "../failure.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Snapshot } from "../status/snapshot.ts";
import { isAllReady, prunedTo, summaryOf, summaryText } from "../status/summary.ts";
import { treeOf } from "../status/tree.ts";
import { formatOption } from "../terminal/formats.ts";
import { show, type View, type ViewFormat, watched } from "./status-view.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { type WaitOptions, withWaiting } from "./wait-options.ts";

interface StatusOptions extends WaitOptions {
  readonly output: ViewFormat;
  readonly allNamespaces?: boolean;
  readonly watch?: boolean;
}

/** `status`: what exists, its state, and what to do where something is wrong. */
export function addStatusCommand(program: Command, services: Services): void {
  withWaiting(program.command("status"), "every resource is Ready")
    .argument("[kind/name]", "Show only this resource and what belongs to it.")
    .summary("Show resources as a tree, and what is wrong")
    .description(
      "Shows providers, APIs, clients, grants, Secrets and Pods as a tree. Says what is wrong and what to do. Leaves out what you may not read, and says so.",
    )
    .option("-A, --all-namespaces", "All namespaces.")
    .option("-w, --watch", "Print again whenever something changes, until interrupted.")
    .addOption(formatOption("tree"))
    .action(onCluster<StatusOptions>(services, showStatus));
}

async function showStatus(session: Session, options: StatusOptions, text?: string): Promise<ExitCode> {
  if (options.watch === true && options.wait === true) throw usage("--watch and --wait exclude each other.");
  const { cluster } = session;
  const target = text === undefined ? undefined : await existing(cluster, text);
  const everywhere = options.allNamespaces === true || target?.definition.scope === "Cluster";
  const namespace = everywhere ? undefined : cluster.namespace;
  const read = async (): Promise<View> => viewOf(await takeSnapshot(cluster, namespace), target, cluster.namespace);
  if (options.watch === true) return watched(session, read, options.output);
  const view = options.wait === true ? await settled(session, read, options.timeout) : await read();
  show(session, view, options.output);
  if (view.summary.total === 0) session.terminal.note(emptyText(namespace));
  return isAllReady(view.summary) ? EXIT.done : EXIT.notReady;
}

const emptyText = (namespace: string | undefined): string =>
  namespace === undefined ? "No resources in the cluster." : `No resources in namespace ${namespace}.`;

/** Throws a Failure with the nearest name when there is no such resource. */
async function existing(cluster: OpenCluster, text: string): Promise<Target> {
  const target = targetOf(text);
  await readResource(cluster, target);
  return target;
}

function viewOf(snapshot: Snapshot, target: Target | undefined, namespace: string): View {
  const all = treeOf(snapshot);
  const roots = target === undefined ? all : prunedTo(all, target.definition.kind, target.name, namespace);
  return { roots, summary: summaryOf(roots), notes: snapshot.notes };
}

async function settled({ terminal }: Session, read: () => Promise<View>, timeoutMs: number): Promise<View> {
  const { seen } = await follow(
    read,
    ({ summary }) => ({ state: isAllReady(summary) ? "done" : "waiting", text: summaryText(summary) }),
    {
      timeoutMs,
      onNews: (news) => {
        terminal.note(news);
      },
    },
  );
  return seen;
}
