import { type Command, Option } from "commander";
import { readResources } from "../cluster/snapshot.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { filtered, type MapFilter } from "../map/filter.ts";
import { mapFromResources } from "../map/from-resources.ts";
import { withTenant as withReading } from "../map/from-tenant.ts";
import type { AccessMap } from "../map/model.ts";
import { unknownName } from "../map/unknown-name.ts";
import { type MapFormat, mapText, MAP_FORMATS } from "./map-view.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { readTenants } from "./map-tenants.ts";
import { type TenantOptions, withTenant } from "./tenant-options.ts";

export interface MapOptions extends TenantOptions, Omit<MapFilter, "namespace"> {
  readonly output: MapFormat;
  readonly allNamespaces?: boolean;
  readonly tenant?: boolean;
}

/** `map`: who may call what. */
export function addMapCommand(program: Command, services: Services): void {
  const command = program
    .command("map")
    .summary("Show who may call what")
    .description(
      "Shows which client may call which API, with which scopes, and who requested it. It reads the status of the resources. With --tenant, it also reads the tenant itself, and shows the access that somebody created there.",
    )
    .option("-A, --all-namespaces", "All namespaces.")
    .option("--client <client>", "Only this client: name, namespace/name or client ID. * matches any characters.")
    .option("--api <api>", "Only this API: name, namespace/name or audience. * matches any characters.")
    .option("--scope <scope>", "Only this scope. * matches any characters.")
    .addOption(new Option("-o, --output <format>", "Output format.").choices(MAP_FORMATS).default("table"))
    .option("--tenant", "Read the tenants too, with the credentials of their provider objects.");
  withTenant(
    command,
    "Read the tenant of this provider only. Implies --tenant. Default: every provider that is shown.",
  ).action(onCluster<MapOptions>(services, showMap));
}

async function showMap(session: Session, options: MapOptions): Promise<ExitCode> {
  const { terminal, cluster } = session;
  const namespace = options.allNamespaces === true ? undefined : cluster.namespace;
  const all = await accessMap(session, options, namespace);
  const filter: MapFilter = { client: options.client, api: options.api, scope: options.scope };
  const unknown = unknownName(all, filter);
  if (unknown !== undefined) throw new Failure(unknown.message, unknown.advice);
  const map = filtered(all, { ...filter, namespace });
  terminal.print(mapText(map, options.output));
  if (map.access.length === 0) terminal.note("No client may call an API.");
  // JSON and the page have the notes in them.
  if (options.output !== "json" && options.output !== "html") for (const note of map.notes) terminal.note(note);
  return EXIT.done;
}

async function accessMap(session: Session, options: MapOptions, namespace: string | undefined): Promise<AccessMap> {
  const resources = await readResources(session.cluster, namespace);
  const map = mapFromResources(resources, session.now().toISOString());
  if (options.tenant !== true && options.provider === undefined)
    return {
      ...map,
      notes: [...map.notes, "not shown: access of clients without an M2MClient (read the tenants with --tenant)"],
    };
  const { readings, notes } = await readTenants(session, options, resources.providers);
  const isListed = !resources.notes.some((note) => note.startsWith("not shown: ScopeGrant"));
  // A client of another namespace, or of another cluster, may have ScopeGrants that were not read.
  const isTold = ({ namespace: where }: AccessMap["clients"][number]): boolean =>
    isListed && where !== undefined && (namespace === undefined || where === namespace);
  const whole = readings.reduce((before, reading) => withReading(before, resources, reading, isTold), map);
  return { ...whole, notes: [...whole.notes, ...notes] };
}
