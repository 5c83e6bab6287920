import { type AccessMap, titleOf } from "../model.ts";
import { rowsOf } from "../rows.ts";
import { visible } from "./table.ts";

/** A flowchart for Markdown: clients at the left, APIs at the right, scopes on the arrows. */
export function mermaidText(map: AccessMap): string {
  const names = new Map([
    ...map.clients.map(({ id }, index) => [id, `c${String(index)}`] as const),
    ...map.apis.map(({ id }, index) => [id, `a${String(index)}`] as const),
  ]);
  const name = (id: string): string => names.get(id) ?? "";
  const tenants = map.tenants.filter(({ id }) => [...map.clients, ...map.apis].some(({ tenant }) => tenant === id));
  return [
    "flowchart LR",
    ...tenants.flatMap(({ id }, index) => [
      `  subgraph t${String(index)}["${escaped(id)}"]`,
      ...map.clients
        .filter(({ tenant }) => tenant === id)
        .map((one) => `    ${name(one.id)}(["${escaped(titleOf(one))}"])`),
      ...map.apis.filter(({ tenant }) => tenant === id).map((one) => `    ${name(one.id)}["${escaped(titleOf(one))}"]`),
      "  end",
    ]),
    ...rowsOf(map).map(({ access, scopes, restriction }) => {
      const arrow = restriction === "" ? "-->" : "-.->";
      return `  ${name(access.client)} ${arrow}|"${escaped(scopes)}"| ${name(access.api)}`;
    }),
  ].join("\n");
}

/** Mermaid writes characters that mean something to it, or to HTML and Markdown, as entities with a number sign. */
const escaped = (text: string): string =>
  visible(text).replaceAll(/[^\p{L}\p{N} .:/@=,()_-]/gu, (character) => `#${String(character.codePointAt(0))};`);
