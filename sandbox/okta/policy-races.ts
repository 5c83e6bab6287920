import { pause } from "../pause.ts";
import { managementError, type OktaError } from "./errors.ts";
import type { OktaIncoming, OktaOutgoing } from "./exchange.ts";
import type { Org } from "./org.ts";

const WRITTEN = /^\/api\/v1\/authorizationServers\/([^/]+)\/policies(\/|$)/;

/** Whether a request writes policies or rules. */
export const isRaced = ({ method, path }: Pick<OktaIncoming, "method" | "path">): boolean =>
  method !== "GET" && WRITTEN.test(path);

/** Two such writes below one server at a time are what the real one fails at. */
export async function alone(
  org: Org,
  { path }: Pick<OktaIncoming, "path">,
  work: () => Promise<OktaOutgoing>,
): Promise<OktaOutgoing> {
  const server = WRITTEN.exec(path)?.[1] ?? "";
  const others = org.busy.get(server) ?? 0;
  if (others > 0 && org.knobs.racesFail) throw raced(org);
  org.busy.set(server, others + 1);
  try {
    await pause(org.knobs.policyWriteMs);
    return await work();
  } finally {
    org.busy.set(server, (org.busy.get(server) ?? 1) - 1);
  }
}

const raced = ({ knobs }: Org): OktaError =>
  knobs.racesAnswer === 423
    ? managementError(423, "E0000239", "Policy priorities are being reconciled. Please try again later.")
    : managementError(500, "E0000009", "Internal Server Error");
