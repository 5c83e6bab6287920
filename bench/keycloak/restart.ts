import type { Row } from "../rows.ts";
import { isRead, isWrite } from "../scale/audit.ts";
import { cpuSecondsOf, residentMiBOf } from "../scale/process-figures.ts";
import { atRest, NOTHING_TO_DO, until } from "../scale/rest.ts";
import { byEndpoint, countOf, kindOf } from "./calls.ts";
import { isOfProvider } from "./look.ts";
import type { Stand } from "./stand.ts";

/** A fresh process knows nothing but what status and Secrets say. */
export async function measureRestart(stand: Stand): Promise<readonly Row[]> {
  const { audit, row, sandbox, say } = stand;
  say("a restart, until nothing moves …");
  const [entriesFrom, callsFrom] = [audit.entries().length, sandbox.calls().length];
  const startedAt = performance.now();
  const operator = await stand.startOperator();
  const untilCaches = (performance.now() - startedAt) / 1000;
  // Before that it has not begun: it may only wait for the Lease.
  await until(stand, "the realm is read", () => sandbox.calls(callsFrom).some((call) => kindOf(call) === "listings"));
  const lastActive = await atRest(stand, operator, NOTHING_TO_DO);
  const cpuSeconds = cpuSecondsOf(operator.pid);
  const calls = sandbox.calls(callsFrom);
  const entries = audit.entries().slice(entriesFrom);
  stand.keep("calls-restart.jsonl", calls);
  const ofResources = entries.filter((entry) => isWrite(entry) && !isOfProvider(entry));
  return [
    ...byEndpoint(calls).map(([endpoint, count]) => row(`restart: calls ${endpoint}`, count, "calls")),
    row("restart: reads", countOf(calls, "listings", "other reads"), "calls"),
    row("restart: writes", countOf(calls, "writes"), "calls", 0),
    row("restart: writes to the API server, the provider object aside", ofResources.length, "writes", 0),
    row("restart: reads of the API server", entries.filter(isRead).length, "reads", 10),
    row("restart: until the caches are filled", untilCaches, "s"),
    row("restart: until at rest", (lastActive - startedAt) / 1000, "s"),
    row("restart: CPU until at rest", cpuSeconds, "s", 6),
    row("restart: RSS, at rest", residentMiBOf(operator.pid), "MiB", 256),
  ];
}
