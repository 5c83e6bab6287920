import { eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";

let edits = 0;

/** How long, in milliseconds, the fastest of up to three edits of an API took to reach the tenant: one below 2000 ends it. */
export async function fastestEdit(world: World, namespace: string, name: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best >= 2000; attempt++) {
    const displayName = `edit ${String(++edits)}`;
    const startedAt = performance.now();
    await world.cluster.patch("OAuthApi", namespace, name, { spec: { displayName } });
    await eventually(
      () => world.remoteApi(`https://${namespace}.example.com/${name}`)?.["name"],
      (seen) => seen === displayName,
      "the honest edit",
    );
    best = Math.min(best, performance.now() - startedAt);
  }
  return best;
}

/** How long, in milliseconds, the operator took to say that it lives. */
export async function healthAnswer(world: World): Promise<number> {
  const startedAt = performance.now();
  const url = `http://127.0.0.1:${String(world.operator().metricsPort)}/healthz`;
  const { status } = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (status !== 200) throw new Error(`/healthz answered ${String(status)}`);
  return performance.now() - startedAt;
}
