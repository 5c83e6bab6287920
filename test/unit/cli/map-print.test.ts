import { expect, it } from "vitest";
import { mapFromResources } from "../../../cli/map/from-resources.ts";
import type { AccessMap } from "../../../cli/map/model.ts";
import { dotText } from "../../../cli/map/print/dot.ts";
import { htmlText } from "../../../cli/map/print/html.ts";
import { mermaidText } from "../../../cli/map/print/mermaid.ts";
import { mapTable } from "../../../cli/map/print/table.ts";
import { tableText } from "../../../cli/terminal/table.ts";
import { NOW, RESOURCES, TENANT } from "./map-fixture.ts";

const map = mapFromResources(RESOURCES, NOW);

/** What a person at the tenant may call a client, to harm anyone who looks at the map. */
const HOSTILE = `</script><script>alert(1)</script>"];\\" \u001B[31m\u202Eevil --> <img src=x onerror=alert(1)> ' & #quot;`;

const hostile: AccessMap = {
  ...map,
  clients: [{ id: `${TENANT} ${HOSTILE}`, tenant: TENANT, name: HOSTILE, clientId: HOSTILE }],
  access: [
    {
      ...{ client: `${TENANT} ${HOSTILE}`, api: map.apis[0]?.id ?? "", scopes: ["read:x"] },
      origins: [{ by: "Tenant", scopes: ["read:x"] }],
    },
  ],
  notes: [HOSTILE],
};

it("prints a table with the age of the credential and where access comes from", () => {
  const [head = "", line = ""] = tableText(...mapTable(map)).split("\n");
  expect(head.split(/ {3,}/)).toEqual(["TENANT", "CLIENT", "API", "SCOPES", "FROM", "METHOD", "CREDENTIAL"]);
  expect(line.split(/ {3,}/)).toEqual([
    ...[TENANT, "billing/importer", "billing/timesheets", "read:x write:x"],
    ...["ScopeGrant billing/reads: read:x, ScopeGrant billing/writes: write:x", "client_secret_post", "30d"],
  ]);
});

it("shows a column that is not always there, and the first of many scopes", () => {
  const scopes = Array.from({ length: 9 }, (_, index) => `s${String(index)}`);
  const clients = map.clients.map((client) => ({ ...client, restriction: "the client is disabled" }));
  const [head, [row = []]] = mapTable({ ...map, clients, access: map.access.map((one) => ({ ...one, scopes })) });
  expect(head.at(-1)).toBe("RESTRICTION");
  expect(row.at(-1)).toBe("the client is disabled");
  expect(row[3]).toBe("s0 s1 s2 s3 s4 s5 and 3 more");
});

it("prints a flowchart for Mermaid", () => {
  expect(mermaidText(map)).toBe(`flowchart LR
  subgraph t0["example.eu.auth0.com"]
    c0(["billing/importer"])
    a0["billing/timesheets"]
  end
  c0 -->|"read:x write:x"| a0`);
});

it("prints a graph for Graphviz", () => {
  expect(dotText(map)).toBe(`digraph access {
  rankdir=LR;
  subgraph cluster_0 {
    label="example.eu.auth0.com";
    "M2MClient billing/importer" [label="billing/importer", shape=oval];
    "OAuthApi billing/timesheets" [label="billing/timesheets", shape=box];
  }
  "M2MClient billing/importer" -> "OAuthApi billing/timesheets" [label="read:x write:x"];
}`);
});

it("a name from a tenant stays a name in every format", () => {
  expect(mapTable(hostile).flat(2).join("")).not.toMatch(/[\u001B\u202E]/u);
  for (const line of mermaidText(hostile)
    .split("\n")
    .filter((one) => one.includes("evil")))
    expect(line).toMatch(/^ {4}c0\(\["[^"<>;\\&]*(#\d+;[^"<>;\\&]*)*"\]\)$/u);
  const inQuotes = dotText(hostile).replaceAll(/"(?:[^"\\]|\\.)*"/gu, "");
  expect(inQuotes).not.toContain("evil");
  const html = htmlText(hostile);
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html).not.toContain("<img");
  const data = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)?.[1] ?? "";
  expect(JSON.parse(data)).toMatchObject({ clients: [{ title: HOSTILE }] });
});

it("the page refuses everything that is not its own", () => {
  const html = htmlText(map);
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/unsafe-inline|(?:src|href)="(?!#|data:)/);
  expect(html.match(/https?:\/\/[^"<\\]+/g)?.filter((url) => url !== "http://www.w3.org/2000/svg")).toEqual(
    expect.not.arrayContaining([expect.stringContaining("cdn")]),
  );
});
