import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { GROUP, KINDS, VERSION } from "../../src/kinds/registry.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { collectionPath } from "../../src/kube/resources.ts";

/** How every resource is, as this process hears of it by watches of its own. */
export interface Readiness {
  /** Resources that there are. */
  seen(): number;
  /** Those of them that are Ready, by what they say of their spec as it is now. */
  ready(): number;
  /** When this resource became Ready for this generation (milliseconds of `performance.now`); `undefined`: not yet. */
  readyAt(kind: string, namespace: string, name: string, generation: number): number | undefined;
  /** One of those that are not Ready, and why. */
  notReady(): string | undefined;
  stop(): void;
}

interface Watched {
  readonly metadata: {
    readonly namespace?: string;
    readonly name: string;
    readonly generation: number;
    readonly resourceVersion: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

interface List {
  readonly items: readonly Watched[];
  readonly metadata: { readonly resourceVersion: string };
}

interface Known {
  readonly generation: number;
  readonly readyAt: number | undefined;
  readonly told: string;
}

export async function watchReadiness(connection: Connection): Promise<Readiness> {
  const known = new Map<string, Known>();
  let ready = 0;
  const stopping = new AbortController();
  const see = (kind: string, object: Watched): void => {
    const { namespace = "", name, generation } = object.metadata;
    const key = `${namespace}/${kind}/${name}`;
    const { isReady, told } = judged(object);
    const before = known.get(key);
    const wasReady = before?.generation === generation ? before.readyAt : undefined;
    ready += Number(isReady) - Number(before?.readyAt !== undefined);
    known.set(key, {
      generation,
      readyAt: isReady ? (wasReady ?? performance.now()) : undefined,
      told: `${key}: ${told}`,
    });
  };
  const kinds = KINDS.filter(({ kind }) => !kind.endsWith("IdentityProvider"));
  await Promise.all(
    kinds.map(({ kind, plural }) =>
      follow(
        connection,
        plural,
        (object) => {
          see(kind, object);
        },
        stopping.signal,
      ),
    ),
  );
  return {
    seen: () => known.size,
    ready: () => ready,
    readyAt: (kind, namespace, name, generation) => {
      const found = known.get(`${namespace}/${kind}/${name}`);
      return found?.generation === generation ? found.readyAt : undefined;
    },
    notReady: () => [...known.values()].find(({ readyAt }) => readyAt === undefined)?.told,
    stop: () => {
      stopping.abort();
    },
  };
}

function judged({ metadata, status }: Watched): { readonly isReady: boolean; readonly told: string } {
  const condition = status?.conditions?.find(({ type }) => type === "Ready");
  if (condition === undefined) return { isReady: false, told: "no condition" };
  return {
    isReady: condition.status === "True" && status?.observedGeneration === metadata.generation,
    told: `${condition.reason}: ${condition.message}`,
  };
}

/**
 * Resolves when everything was listed once. The API server ends watches of those who read too slowly, so each time one
 * ends everything is listed again.
 */
async function follow(
  connection: Connection,
  plural: string,
  see: (object: Watched) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = collectionPath({ group: GROUP, version: VERSION, plural }, "");
  const list = async (): Promise<string> => {
    const { items, metadata } = await connection.request<List>({ method: "GET", path });
    for (const item of items) see(item);
    return metadata.resourceVersion;
  };
  const watch = async (resourceVersion: string): Promise<void> => {
    const query = { watch: "true", resourceVersion };
    const answer = await connection.open({ method: "GET", path, query, lane: "watches", signal });
    for await (const line of createInterface({ input: Readable.from(answer) })) {
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: Watched };
      if (type === "ADDED" || type === "MODIFIED") see(object);
    }
  };
  let resourceVersion = await list();
  const goOn = async (): Promise<void> => {
    while (!signal.aborted) {
      await watch(resourceVersion).catch(() => undefined);
      if (!signal.aborted) resourceVersion = await list();
    }
  };
  goOn().catch((error: unknown) => {
    if (!signal.aborted) console.error("the benchmark no longer sees the resources", error);
  });
}
