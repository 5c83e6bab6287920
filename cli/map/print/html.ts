import { createHash } from "node:crypto";
import type { AccessMap, MapTenant } from "../model.ts";
import { namespacesIn, pageData } from "../page/data.ts";
import { embedded, escaped, named } from "../page/escape.ts";
import { pageScript, pageStyle } from "../page/parts.ts";
import { pageTable } from "../page/table.ts";
import { rowsOf } from "../rows.ts";

/** One page that needs nothing else: the browser loads nothing, and runs only this style and this program. */
export function htmlText(map: AccessMap): string {
  const rows = rowsOf(map);
  const [style, script] = [pageStyle(), pageScript()];
  const policy = `default-src 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Who may call what</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Who may call what</h1>
<p class="dim">${countText(map)} Created <time>${escaped(map.madeAt)}</time> by kubectl m2m map.</p>
<nav aria-label="Parts of the page"><a href="#graph-title" data-needs-script hidden>Graph</a><a href="#table-title">Table</a><a href="#about-title">Sources</a></nav>
</header>
<main>
${filters(map)}
${GRAPH}
<section aria-labelledby="table-title">
<h2 id="table-title" tabindex="-1">Table</h2>
${pageTable(rows, map.madeAt)}
</section>
${sources(map)}
</main>
<script type="application/json" id="data">${embedded(pageData(map, rows))}</script>
<script>${script}</script>
</body>
</html>
`;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const countText = ({ clients, apis, access }: AccessMap): string =>
  `Clients: ${String(clients.length)}. APIs: ${String(apis.length)}. Rows: ${String(access.length)}.`;

function filters({ tenants, clients, apis }: AccessMap): string {
  const choice = (id: string, title: string, values: readonly (readonly [value: string, text: string])[]): string =>
    `<label>${title}<select id="filter-${id}"><option value="">All</option>${values
      .map(([value, text]) => `<option value="${escaped(value)}">${escaped(text)}</option>`)
      .join("")}</select></label>`;
  const same = (values: readonly string[]) => values.map((value) => [value, value] as const);
  return `<form role="search" aria-label="Filter" data-needs-script hidden>
<label class="wide">Search<input id="filter-text" type="search" placeholder="Client, API, scope, …" autocomplete="off"></label>
${choice("tenant", "Tenant", same(tenants.map(({ id }) => id)))}
${choice("namespace", "Namespace", same(namespacesIn([...clients, ...apis])))}
${choice("origin", "From", [
  ["ScopeGrant", "ScopeGrant"],
  ["Tenant", "Made at the tenant"],
  ["Unknown", "Unknown"],
])}
<button type="button" id="show-all" hidden>Show all</button>
</form>
<p id="summary" role="status"></p>`;
}

const GRAPH = `<section aria-labelledby="graph-title" data-needs-script hidden>
<h2 id="graph-title" tabindex="-1">Graph</h2>
<p class="dim">Choose a client or an API to see only its access. Arrow keys move between them. Escape shows everything again. An orange line is access that no ScopeGrant requests. A dashed line gets no token.</p>
<div id="graph" class="graph"><svg aria-hidden="true" focusable="false"></svg><ul class="clients" aria-label="Clients"></ul><ul class="apis" aria-label="APIs"></ul></div>
</section>`;

function sources({ tenants, notes }: AccessMap): string {
  const hidden = notes.map((note) => `<li>${named(note)}</li>`).join("\n");
  return `<section aria-labelledby="about-title">
<h2 id="about-title" tabindex="-1">Sources</h2>
<ul class="plain">
${tenants.map(sourceText).join("\n")}
${hidden}
</ul>
</section>`;
}

function sourceText({ id, vendor = "", source, readAt, providers }: MapTenant): string {
  const from = source === "tenant" ? "Read from the tenant itself" : "Read from the status of the resources";
  const when = readAt === undefined ? "." : `, as of <time>${escaped(readAt)}</time>.`;
  const used = providers.length === 0 ? "" : ` Providers: ${escaped(providers.join(", "))}.`;
  return `<li>${named(id)} ${escaped(vendor)}: ${from}${when}${used}</li>`;
}
