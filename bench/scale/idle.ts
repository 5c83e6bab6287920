import { type Document, pathOf, read } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { editApi, firstApi } from "./edits.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { cpuSecondsOf } from "./process-figures.ts";
import { atRest, NOTHING_TO_DO, until } from "./rest.ts";
import type { Stand } from "./stand.ts";

/** What single events cost while everything else is at rest. */
export async function measureIdle(
  stand: Stand,
  operator: OperatorProcess,
  documents: readonly Document[],
): Promise<readonly Row[]> {
  const { audit, row, say } = stand;
  say("one edit, and one Secret deleted, while everything is at rest …");
  const from = audit.entries().length;
  const cpuBefore = cpuSecondsOf(operator.pid);
  const { untilPatch, untilReady } = await editApi(stand, firstApi(documents), "Renamed at rest");
  await atRest(stand, operator, NOTHING_TO_DO);
  return [
    row("an edit at rest: until its PATCH", untilPatch, "s"),
    row("an edit at rest: until Ready", untilReady, "s"),
    row("an edit at rest: requests to the API server", audit.entries().length - from, "requests"),
    row("an edit at rest: CPU", cpuSecondsOf(operator.pid) - cpuBefore, "s"),
    row("a deleted Secret: until it is back", await secondsUntilBack(stand, documents), "s"),
  ];
}

/** With the same credential. */
async function secondsUntilBack(stand: Stand, documents: readonly Document[]): Promise<number> {
  const client = documents.find(({ kind }) => kind === "M2MClient");
  const secret: Document = { apiVersion: "v1", kind: "Secret", metadata: client?.metadata ?? { name: "" } };
  const before = await read(stand.connection, secret);
  if (before === undefined) throw new Error(`there is no Secret ${secret.metadata.name}`);
  const startedAt = performance.now();
  await stand.connection.request({ method: "DELETE", path: `${pathOf(secret)}/${secret.metadata.name}` });
  await until(stand, "the deleted Secret is back", async () => {
    const now = await read(stand.connection, secret);
    return now?.data?.["client_id"] === before.data?.["client_id"];
  });
  return (performance.now() - startedAt) / 1000;
}
