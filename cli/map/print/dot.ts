import { type AccessMap, titleOf } from "../model.ts";
import { rowsOf } from "../rows.ts";
import { visible } from "./table.ts";

/** A directed graph in the language of Graphviz, one cluster for each tenant. */
export function dotText(map: AccessMap): string {
  const node = (shape: string, one: AccessMap["clients"][number] | AccessMap["apis"][number]): string =>
    `    ${quoted(one.id)} [label=${quoted(titleOf(one))}, shape=${shape}];`;
  const tenants = map.tenants.filter(({ id }) => [...map.clients, ...map.apis].some(({ tenant }) => tenant === id));
  return [
    "digraph access {",
    "  rankdir=LR;",
    ...tenants.flatMap(({ id }, index) => [
      `  subgraph cluster_${String(index)} {`,
      `    label=${quoted(id)};`,
      ...map.clients.filter(({ tenant }) => tenant === id).map((one) => node("oval", one)),
      ...map.apis.filter(({ tenant }) => tenant === id).map((one) => node("box", one)),
      "  }",
    ]),
    ...rowsOf(map).map(({ access, scopes, restriction }) => {
      const style = restriction === "" ? "" : ", style=dashed";
      return `  ${quoted(access.client)} -> ${quoted(access.api)} [label=${quoted(scopes)}${style}];`;
    }),
    "}",
  ].join("\n");
}

/** In a quoted string of DOT a backslash starts an escape, also before a letter: it is doubled. */
const quoted = (text: string): string =>
  `"${visible(text)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`)}"`;
