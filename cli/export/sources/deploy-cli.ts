import { parse } from "yaml";
import { z } from "zod";
import { Failure } from "../../failure.ts";
import { type Document, type FileContent, read } from "./documents.ts";

const document = () => z.record(z.string(), z.unknown());
const tenant = z.object({
  resourceServers: z.array(document().and(z.object({ identifier: z.string().min(1) }))).nullish(),
  clients: z.array(document().and(z.object({ name: z.string(), client_id: z.string().optional() }))).nullish(),
  clientGrants: z.array(document().and(z.object({ client_id: z.string(), audience: z.string() }))).nullish(),
});

/** `tenant.yaml` of auth0-deploy-cli. Its grants name their clients by name. */
export function fromDeployCli(text: string): FileContent {
  const { resourceServers, clients, clientGrants } = read(tenant, parsed(text), "tenant.yaml of auth0-deploy-cli");
  const all = clients ?? [];
  const byName = Map.groupBy(all, ({ name }) => name);
  const missing: string[] = [];
  for (const { name, client_id: id } of all)
    if (id === undefined)
      missing.push(
        `client ${JSON.stringify(name)}: the file does not have its client ID (AUTH0_EXPORT_IDENTIFIERS: true), so that it and its grants are left out`,
      );
  const grants = (clientGrants ?? []).flatMap((grant): readonly Document[] => {
    const holders = byName.get(grant.client_id) ?? [];
    const ids = holders.flatMap(({ client_id: id }) => (id === undefined ? [] : [id]));
    if (holders.length > 1)
      missing.push(`grant of ${JSON.stringify(grant.client_id)} for ${grant.audience}: several clients have this name`);
    if (holders.length > 1 || (holders.length === 1 && ids.length === 0)) return [];
    const client_id = ids[0] ?? grant.client_id;
    return [{ ...grant, client_id, id: `${client_id} ${grant.audience}`.replaceAll("/", "_") }];
  });
  return {
    documents: {
      resourceServers: (resourceServers ?? []).map((api) => ({ ...api, id: api.identifier.replaceAll("/", "_") })),
      clients: all.filter(({ client_id: id }) => id !== undefined),
      clientGrants: grants,
    },
    missing,
  };
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new Failure(`The file is not YAML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""}`);
  }
}
