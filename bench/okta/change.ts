import { apply, type Document } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { countOf, readsIn, refusedIn } from "./calls.ts";
import type { Case } from "./cases.ts";
import { apiDocument, grantDocument } from "./documents.ts";
import { atRest, type Stand, waitCurrent } from "./stand.ts";

/** Beside the round trips. */
const SECONDS = 0.1;

/** One server is read at most: its scopes, its policies, and of each policy its rules. */
const readsOfServer = ({ apis, clients, grantsPerClient }: Case): number => 2 + (clients * grantsPerClient) / apis;

export async function measureChanges(stand: Stand): Promise<readonly Row[]> {
  const { size } = stand;
  const scopes = ["read:all", "write:all"];
  return [
    ...(await measureChange(stand, "one scope added", apiDocument(0, [...scopes, "delete:all"]))),
    ...(await measureChange(stand, "one grant's scopes changed", grantDocument(size, 1, 0, scopes))),
  ];
}

async function measureChange(stand: Stand, what: string, document: Document): Promise<readonly Row[]> {
  const { environment, row, size } = stand;
  environment.sandbox.calls.clear();
  const startedAt = performance.now();
  await apply(environment.connection, document);
  await waitCurrent(stand, document);
  const seconds = (performance.now() - startedAt) / 1000;
  await atRest(stand);
  const calls = stand.calls(what.replaceAll(/\W+/g, "-"));
  return [
    row(`${what}: reads`, readsIn(calls), "calls", readsOfServer(size)),
    row(`${what}: writes`, countOf(calls, "writes"), "calls", 1),
    row(`${what}: tokens`, countOf(calls, "tokens"), "calls", 0),
    row(`${what}: 429 answers`, refusedIn(calls), "calls", 0),
    row(`${what}: wall time`, seconds, "s", SECONDS),
  ];
}
