import { type Document, pathOf } from "../../demo/environment.ts";
import type { Call } from "../../sandbox/call-log.ts";
import type { Row } from "../rows.ts";
import { until } from "./rest.ts";
import type { Stand } from "./stand.ts";

/** How long one edit took, in seconds. */
export interface Edited {
  /** Until the tenant got the request. */
  readonly untilPatch: number;
  /** Until status said that it is Ready as it is now. */
  readonly untilReady: number;
}

/** Renames an API, as somebody does who waits for it. `startedAt` (`performance.now`) is by default the edit itself. */
export async function editApi(
  stand: Stand,
  api: Document,
  displayName: string,
  startedAt = performance.now(),
): Promise<Edited> {
  const { connection, readiness, sandbox } = stand;
  const since = (await sandbox.calls(0)).at(-1)?.n ?? 0;
  const { namespace = "", name } = api.metadata;
  const { metadata } = await connection.request<{ readonly metadata: { readonly generation: number } }>({
    method: "PATCH",
    path: `${pathOf(api)}/${name}`,
    contentType: "application/merge-patch+json",
    body: { spec: { displayName } },
  });
  const readyAt = (): number | undefined => readiness.readyAt(api.kind, namespace, name, metadata.generation);
  await until(stand, `the edit of ${namespace}/${name} is Ready`, () => readyAt() !== undefined);
  const patch = (await sandbox.calls(since)).find(isPatchOfApi);
  const patchedAt = patch === undefined ? Number.NaN : Date.parse(patch.at) - performance.timeOrigin;
  return {
    untilPatch: (patchedAt - startedAt) / 1000,
    untilReady: ((readyAt() ?? Number.NaN) - startedAt) / 1000,
  };
}

const isPatchOfApi = ({ method, path }: Call): boolean =>
  method === "PATCH" && path.startsWith("/api/v2/resource-servers/");

/** The first API of the load, which is Ready long before the last grant is there. */
export function firstApi(documents: readonly Document[]): Document {
  const api = documents.find(({ kind }) => kind === "OAuthApi");
  if (api === undefined) throw new Error("there is no API to edit");
  return api;
}

/** Edits an API once at least half of everything waits for its turn. */
export async function measureEditInBacklog(stand: Stand, documents: readonly Document[]): Promise<readonly Row[]> {
  const { readiness, row } = stand;
  const api = firstApi(documents);
  const backlog = (): number => readiness.seen() - readiness.ready();
  const isReady = (): boolean =>
    readiness.readyAt(api.kind, api.metadata.namespace ?? "", api.metadata.name, 1) !== undefined;
  let most = 0;
  await until(stand, `${String(documents.length / 2)} resources wait`, () => {
    most = Math.max(most, backlog());
    return (isReady() && backlog() >= documents.length / 2) || readiness.ready() === documents.length;
  });
  const waiting = backlog();
  const { untilPatch, untilReady } = await editApi(stand, api, "Renamed in the backlog");
  return [
    row("an edit in the backlog: resources that waited", waiting, "resources"),
    row("an edit in the backlog: until its PATCH", untilPatch, "s"),
    row("an edit in the backlog: until Ready", untilReady, "s", 2),
  ];
}
