import { titleOf } from "../model.ts";
import { type AccessRow, credentialAge } from "../rows.ts";
import { escaped, named } from "./escape.ts";

interface Column {
  readonly title: string;
  readonly cell: (row: AccessRow, now: string) => string;
  /** In place of the text. */
  readonly sortKey?: (row: AccessRow) => string;
  readonly className?: string;
  /** Left out when it is empty in every row. */
  readonly isOptional?: true;
}

const COLUMNS: readonly Column[] = [
  {
    title: "Client",
    cell: ({ client }) => `<strong>${named(titleOf(client))}</strong>${small(client.clientId)}`,
  },
  {
    title: "API",
    cell: ({ api }) => `${named(titleOf(api))}${api.audience === api.name ? "" : small(api.audience)}`,
  },
  { title: "Scopes", cell: scopesCell, className: "scopes" },
  { title: "Organizations", cell: ({ organizations }) => escaped(organizations), isOptional: true },
  { title: "From", cell: originsCell },
  { title: "Method", cell: ({ client }) => escaped(client.method ?? "") },
  {
    title: "Credential",
    cell: credentialCell,
    sortKey: ({ client }) => client.credential?.createdAt ?? "",
  },
  { title: "Restriction", cell: ({ restriction }) => warning(restriction), isOptional: true },
  { title: "Tenant", cell: ({ client }) => named(client.tenant) },
];

/** The table with roles of its own: a phone shows each row as a box, and a browser would forget that it is a table. */
export function pageTable(rows: readonly AccessRow[], now: string): string {
  const columns = COLUMNS.filter(
    ({ isOptional, cell }) => isOptional !== true || rows.some((row) => cell(row, now) !== ""),
  );
  const heads = columns.map(
    ({ title }) =>
      `<th role="columnheader" scope="col"><button type="button" data-needs-script hidden>${title}</button><noscript>${title}</noscript></th>`,
  );
  return `<table role="table" aria-labelledby="table-title">
<caption>One row for each client and API. The buttons in the first row sort the table.</caption>
<thead role="rowgroup"><tr role="row">${heads.join("")}</tr></thead>
<tbody role="rowgroup">
${rows.map((row, index) => rowText(columns, row, index, now)).join("\n")}
</tbody></table>`;
}

function rowText(columns: readonly Column[], row: AccessRow, index: number, now: string): string {
  const cells = columns.map(({ title, cell, sortKey, className }, at) => {
    const [tag, role] = at === 0 ? ["th", 'role="rowheader" scope="row"'] : ["td", 'role="cell"'];
    const sort = sortKey === undefined ? "" : ` data-sort="${escaped(sortKey(row))}"`;
    const style = className === undefined ? "" : ` class="${className}"`;
    return `<${tag} ${role}${style}${sort} data-label="${title}">${cell(row, now)}</${tag}>`;
  });
  return `<tr role="row" data-row="${String(index)}">${cells.join("")}</tr>`;
}

const small = (text: string | undefined): string => (text === undefined ? "" : `<small>${named(text)}</small>`);
const warning = (text: string): string => (text === "" ? "" : `<span class="restriction">${escaped(text)}</span>`);

/** More are shown on request. */
const SHOWN_SCOPES = 20;

function scopesCell({ access: { scopes, everyScope }, scopes: text }: AccessRow): string {
  if (scopes.length === 0) return escaped(text);
  const all = scopes.map((scope) => `<code>${named(scope)}</code>`);
  const rest = all.slice(SHOWN_SCOPES);
  const more =
    rest.length === 0 ? "" : `<details><summary>${String(rest.length)} more</summary>${rest.join(" ")}</details>`;
  return `${everyScope === true ? "every scope: " : ""}${all.slice(0, SHOWN_SCOPES).join(" ")}${more}`;
}

function originsCell({ access, origins }: AccessRow): string {
  const lines = origins.map((text, index) => {
    const isRequested = access.origins[index]?.by === "ScopeGrant";
    return `<div${isRequested ? "" : ' class="tenant-text"'}>${named(text)}</div>`;
  });
  return lines.join("");
}

function credentialCell({ client }: AccessRow, now: string): string {
  const { credential } = client;
  if (credential === undefined) return "";
  const { createdAt, nextRotationAt, retiring } = credential;
  const next = nextRotationAt === undefined ? "" : small(`next rotation ${nextRotationAt}`);
  const old = retiring === 0 ? "" : small(`${String(retiring)} older still valid`);
  return `<time datetime="${escaped(createdAt)}" title="${escaped(createdAt)}">${credentialAge(client, now)} old</time>${next}${old}`;
}
