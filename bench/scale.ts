import { inspect } from "node:util";
import { builtBundle } from "./bundle.ts";
import type { Row } from "./rows.ts";
import { type Case, CASES, sizeOf } from "./scale/cases.ts";
import { type Converged, measureConvergence } from "./scale/convergence.ts";
import { measureFloor } from "./scale/floor.ts";
import { measureIdle } from "./scale/idle.ts";
import type { OperatorProcess } from "./scale/operator-process.ts";
import { measureRestart } from "./scale/restart.ts";
import { type Stand, startStand } from "./scale/stand.ts";

export interface ScaleOptions {
  /** Names of cases. Default: all. */
  readonly parts?: readonly string[];
  /** Folder of a bundle that was built before. Default: built now from the source. */
  readonly bundle?: string;
  /**
   * Whether the operator runs without leader election. On a machine that is busy with other things the API server may not
   * answer for so long that the operator ends, as it must when its Lease is lost. Default: false.
   */
  readonly isWithoutLease?: boolean;
}

/**
 * The shipped bundle with the image's flags under the chart's memory limit, at a tenant without limits. What it takes for
 * 500 clients is compared with a bare process that sends the same requests, and what a resource costs among 10,000 with
 * what it costs among 1,000.
 */
export async function benchmarkScale(say: (line: string) => void, options: ScaleOptions = {}): Promise<readonly Row[]> {
  const cases = CASES.filter(({ part }) => options.parts?.includes(part) ?? true);
  const bundle = options.bundle ?? (await builtBundle("scale", say));
  const rows: Row[] = [];
  const cpuPerResource = new Map<string, number>();
  for (const size of cases) {
    const measured = await measureCase(size, { bundle, isWithoutLease: options.isWithoutLease ?? false }, say);
    rows.push(...measured.rows);
    cpuPerResource.set(size.part, measured.cpuSeconds / sizeOf(size));
  }
  return [...rows, ...growth(cpuPerResource)];
}

async function measureCase(size: Case, how: Parameters<typeof startStand>[1], say: (line: string) => void) {
  const stand = await startStand(size, how, say);
  let hasFailed = false;
  try {
    const operator = await stand.startOperator();
    const converged = await measureConvergence(stand, operator);
    const more = size.hasFloor
      ? await besideFloor(stand, operator, converged)
      : await afterwards(stand, operator, converged);
    return { ...converged, rows: [...converged.rows, ...more] };
  } catch (error) {
    hasFailed = true;
    stand.say(inspect(error));
    return { rows: [stand.row("parts that failed", 1, "parts", 0)], cpuSeconds: Number.NaN };
  } finally {
    await stand.stop(hasFailed);
  }
}

async function besideFloor(stand: Stand, operator: OperatorProcess, converged: Converged): Promise<readonly Row[]> {
  await operator.stop();
  return measureFloor(stand, converged);
}

async function afterwards(
  stand: Stand,
  operator: OperatorProcess,
  { recorded: { documents } }: Converged,
): Promise<readonly Row[]> {
  const idle = await measureIdle(stand, operator, documents);
  const restarted = await measureRestart(stand, operator, documents);
  await restarted.operator.stop();
  return [...idle, ...restarted.rows];
}

/** Whether each resource costs more where there are more of them. */
function growth(cpuPerResource: ReadonlyMap<string, number>): readonly Row[] {
  const [few, many] = [cpuPerResource.get("1000"), cpuPerResource.get("10000")];
  if (few === undefined || many === undefined || Number.isNaN(many / few)) return [];
  const metric = "CPU per resource among 10,000, divided by that among 1,000";
  return [{ benchmark: "scale", subject: "10,000 resources", metric, value: many / few, unit: "times", bound: 1.2 }];
}
