import type { Command } from "commander";
import { definitionOf } from "../cluster/kinds.ts";
import { type ClusterOptions, type OpenCluster, openCluster } from "../cluster/open.ts";
import { listNames } from "../cluster/names.ts";
import { contextNames } from "../../src/kube/kubeconfig.ts";
import { complete, type Completion, type Names } from "./words.ts";

/** Directives of cobra, whose protocol kubectl speaks: no space after the word, and no names of files. */
const NO_SPACE = 2;
const NO_FILES = 4;

/** What `kubectl_complete-m2m` prints: one `value<tab>description` a line, then the directive. */
export function protocolText({ candidates, isPartial }: Completion): string {
  const lines = candidates.map(({ value, description }) =>
    description === undefined ? value : `${value}\t${description}`,
  );
  return [...lines, `:${String(NO_FILES + (isPartial === true ? NO_SPACE : 0))}`].join("\n");
}

/** Completes the last word. Never fails: a shell has no place for an error. */
export async function completionAnswer(program: Command, words: readonly string[]): Promise<string> {
  const options = clusterOptionsIn(words);
  const names = namesOf(options);
  try {
    return protocolText(await complete(program, words, names));
  } finally {
    await names.close();
  }
}

/** `--context x`, `--context=x` and other flags of kubectl, wherever they stand. */
function clusterOptionsIn(words: readonly string[]): ClusterOptions {
  const valueOf = (...flags: readonly string[]): string | undefined => {
    for (const [index, word] of words.entries()) {
      if (flags.includes(word) && index + 1 < words.length - 1) return words[index + 1];
      const [flag = "", value] = word.split("=", 2);
      if (flags.includes(flag) && value !== undefined) return value;
    }
    return undefined;
  };
  return {
    namespace: valueOf("-n", "--namespace"),
    context: valueOf("--context"),
    kubeconfig: valueOf("--kubeconfig"),
  };
}

function namesOf(options: ClusterOptions): Names & { close(): Promise<void> } {
  let cluster: OpenCluster | undefined;
  const listed = async (list: (open: OpenCluster) => Promise<readonly string[]>): Promise<readonly string[]> => {
    try {
      cluster ??= openCluster(options);
      return await list(cluster);
    } catch {
      return [];
    }
  };
  return {
    resources: (kind) => listed((open) => listNames(open, definitionOf(kind))),
    namespaces: () => listed((open) => listNames(open, "namespaces")),
    contexts: () => contextNames(options.kubeconfig),
    close: async () => cluster?.connection.close(),
  };
}
