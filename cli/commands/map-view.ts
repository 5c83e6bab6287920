import type { AccessMap } from "../map/model.ts";
import { dotText } from "../map/print/dot.ts";
import { htmlText } from "../map/print/html.ts";
import { mermaidText } from "../map/print/mermaid.ts";
import { mapTable } from "../map/print/table.ts";
import { document } from "../terminal/formats.ts";
import { tableText } from "../terminal/table.ts";

export const MAP_FORMATS = ["table", "json", "mermaid", "dot", "html"] as const;

/** How `map` prints. */
export type MapFormat = (typeof MAP_FORMATS)[number];

const PRINTERS: Readonly<Record<MapFormat, (map: AccessMap) => string>> = {
  table: (map) => tableText(...mapTable(map)),
  json: (map) => document(map, "json"),
  mermaid: mermaidText,
  dot: dotText,
  html: htmlText,
};

/** The map in this format. */
export const mapText = (map: AccessMap, format: MapFormat): string => PRINTERS[format](map);
