import type { World } from "./world.ts";

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything that the operator tells at /metrics. */
export async function scrape(world: World): Promise<readonly Series[]> {
  const url = `http://127.0.0.1:${String(world.operator().metricsPort)}/metrics`;
  const text = await (await fetch(url)).text();
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(seriesOf);
}

function seriesOf(line: string): Series {
  const [, name = "", labels = "", value = ""] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/([^=,]+)="([^"]*)"/g)].map(([, key = "", text = ""]) => [key, text] as const);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}
