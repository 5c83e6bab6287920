import { inspect } from "node:util";
import { builtBundle } from "./bundle.ts";
import { measureConvergence } from "./keycloak/convergence.ts";
import { measureLook } from "./keycloak/look.ts";
import { measureRestart } from "./keycloak/restart.ts";
import { startStand } from "./keycloak/stand.ts";
import type { Row } from "./rows.ts";
import type { ScaleOptions } from "./scale.ts";

/** The shipped bundle at a realm of a real Keycloak: everything is applied at once, then read at rest, then the operator restarts. */
export async function benchmarkKeycloak(
  say: (line: string) => void,
  { bundle, isWithoutLease = false }: ScaleOptions = {},
): Promise<readonly Row[]> {
  const stand = await startStand({ bundle: bundle ?? (await builtBundle("keycloak", say)), isWithoutLease }, say);
  const rows: Row[] = [];
  let hasFailed = false;
  try {
    const operator = await stand.startOperator();
    rows.push(...(await measureConvergence(stand, operator)));
    rows.push(...(await measureLook(stand, operator)));
    await operator.stop();
    rows.push(...(await measureRestart(stand)));
  } catch (error) {
    hasFailed = true;
    stand.say(inspect(error));
    rows.push(stand.row("parts that failed", 1, "parts", 0));
  } finally {
    await stand.stop(hasFailed);
  }
  return rows;
}
