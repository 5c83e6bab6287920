import { type AccessMap, titleOf } from "../model.ts";
import { type AccessRow, credentialAge, rowsOf } from "../rows.ts";

interface Column {
  readonly title: string;
  readonly cell: (row: AccessRow, now: string) => string;
  /** Left out when it is empty in every row. */
  readonly isOptional?: true;
}

/** More make a line that nobody reads. The other formats have all of them. */
const SHOWN_SCOPES = 6;

const COLUMNS: readonly Column[] = [
  { title: "TENANT", cell: ({ client }) => client.tenant },
  { title: "CLIENT", cell: ({ client }) => titleOf(client) },
  { title: "API", cell: ({ api }) => titleOf(api) },
  { title: "SCOPES", cell: shortScopes },
  { title: "ORGANIZATIONS", cell: ({ organizations }) => organizations, isOptional: true },
  { title: "FROM", cell: ({ origins }) => origins.join(", ") },
  { title: "METHOD", cell: ({ client }) => client.method ?? "" },
  { title: "CREDENTIAL", cell: ({ client }, now) => credentialAge(client, now) },
  { title: "RESTRICTION", cell: ({ restriction }) => restriction, isOptional: true },
];

/** Heads and rows: one row for each client and API. Names come from tenants, and must not move the cursor of a terminal. */
export function mapTable(map: AccessMap): readonly [columns: readonly string[], rows: readonly (readonly string[])[]] {
  const rows = rowsOf(map);
  const columns = COLUMNS.filter(
    ({ isOptional, cell }) => isOptional !== true || rows.some((row) => cell(row, map.madeAt) !== ""),
  );
  return [
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ cell }) => visible(cell(row, map.madeAt)))),
  ];
}

function shortScopes({ access, scopes }: AccessRow): string {
  const more = access.scopes.length - SHOWN_SCOPES;
  return more <= 1 ? scopes : `${access.scopes.slice(0, SHOWN_SCOPES).join(" ")} and ${String(more)} more`;
}

/** Without control characters and those that change the direction of text. */
export const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\uFFFD");
