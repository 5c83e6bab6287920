import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";

/** Sum over the series of one name whose labels contain this text; `undefined` when there is none. */
export type Reading = (name: string, labels?: string) => number | undefined;

/** Each process takes a free port and says in its log which. */
export async function readMetrics(dir: string): Promise<Reading> {
  const port = /"metricsPort":(\d+)/.exec(readFileSync(join(dir, "operator.log"), "utf8"))?.[1];
  // A connection that was kept may be closed by the server just when it is used again.
  const { body } = await request(`http://127.0.0.1:${port ?? ""}/metrics`, { reset: true });
  const lines = (await body.text()).split("\n");
  return (name, labels = "") => {
    const values = lines
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
      .map((line) => Number(line.slice(line.lastIndexOf(" "))));
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  };
}
