import { CUSTOM_RESOURCES, GROUP, VERSION } from "../../src/kinds/registry.ts";
import type { Cluster } from "../integration/cluster.ts";

/** What `kubectl get --output=wide` shows of one object, by column. */
export async function columnsOf(
  { connection }: Pick<Cluster, "connection">,
  kind: string,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const plural = CUSTOM_RESOURCES.find((definition) => definition.kind === kind)?.plural ?? "";
  const table = await connection.request<{
    columnDefinitions: readonly { readonly name: string }[];
    rows: readonly { readonly cells: readonly unknown[] }[];
  }>({
    method: "GET",
    path: `/apis/${GROUP}/${VERSION}/${namespace === "" ? "" : `namespaces/${namespace}/`}${plural}/${name}`,
    accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
  });
  const cells = table.rows[0]?.cells ?? [];
  return Object.fromEntries(table.columnDefinitions.map((column, index) => [column.name, cells[index]]));
}
