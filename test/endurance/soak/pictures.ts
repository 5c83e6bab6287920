import type { Sandbox } from "../../../sandbox/start.ts";
import type { AnyObject, Cluster } from "../../integration/cluster.ts";
import { conditionOf } from "../../integration/cluster.ts";
import { VENDORS, type Vendor } from "./wishes.ts";

const KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"] as const;

/** What differs between the cluster and the tenants; empty when nothing differs. */
export async function differencesIn(
  cluster: Cluster,
  sandbox: Sandbox,
  namespaces: readonly string[],
): Promise<readonly string[]> {
  const lists = await Promise.all(namespaces.flatMap((ns) => KINDS.map((kind) => cluster.list(kind, ns))));
  const objects = lists.flat();
  const secrets = await Promise.all(
    objects.filter(({ kind }) => kind === "M2MClient").map((client) => secretOf(cluster, sandbox, client)),
  );
  return [
    ...objects.filter((object) => !isReady(object)).map((object) => `${keyOf(object)}: ${readyOf(object)}`),
    ...VENDORS.flatMap((vendor) => unequal(vendor, wantedAt(vendor, objects), foundAt(vendor, sandbox))),
    ...secrets.flat(),
  ];
}

const keyOf = ({ kind, metadata }: AnyObject): string => `${kind}/${String(metadata.namespace)}/${metadata.name}`;
const readyOf = (object: AnyObject): string => {
  const ready = conditionOf(object, "Ready");
  return `${String(ready?.reason)}: ${String(ready?.message)}`;
};

function isReady(object: AnyObject): boolean {
  const { generation } = object.metadata as { readonly generation?: number };
  return conditionOf(object, "Ready")?.status === "True" && object.status?.["observedGeneration"] === generation;
}

const vendorOf = ({ metadata }: AnyObject): Vendor => (metadata.name.startsWith("okta") ? "okta" : "auth0");
const words = (scopes: readonly string[]): string => scopes.toSorted().join(" ");

/** One line for each object that the tenant should have. */
function wantedAt(vendor: Vendor, objects: readonly AnyObject[]): readonly string[] {
  const named = new Map(objects.map((object) => [keyOf(object), object]));
  const spec = (object: AnyObject | undefined, field: string): string => String(object?.spec?.[field]);
  return objects
    .filter((object) => vendorOf(object) === vendor)
    .map((object) => {
      const { namespace = "" } = object.metadata;
      if (object.kind === "M2MClient") return `client ${spec(object, "displayName")}`;
      const scopes = (object.spec?.["scopes"] ?? []) as readonly (string | { readonly name: string })[];
      const names = words(scopes.map((scope) => (typeof scope === "string" ? scope : scope.name)));
      if (object.kind === "OAuthApi") return `api ${spec(object, "audience")} ${names}`;
      const ref = (field: string): string => (object.spec?.[field] as { readonly name: string }).name;
      const client = named.get(`M2MClient/${namespace}/${ref("clientRef")}`);
      const api = named.get(`OAuthApi/${namespace}/${ref("apiRef")}`);
      return `grant ${spec(client, "displayName")} ${spec(api, "audience")} ${names}`;
    });
}

const OURS = "soak-";

function foundAt(vendor: Vendor, sandbox: Sandbox): readonly string[] {
  return (vendor === "auth0" ? foundAtAuth0(sandbox) : foundAtOkta(sandbox)).filter((line) => line.includes(OURS));
}

function foundAtAuth0({ tenant: { state } }: Sandbox): readonly string[] {
  const values = (scopes: unknown): readonly string[] =>
    ((scopes ?? []) as readonly { readonly value: string }[]).map(({ value }) => value);
  return [
    ...[...state.clients.values()].map(({ name }) => `client ${String(name)}`),
    ...[...state.resourceServers.values()].map((api) => `api ${api.identifier} ${words(values(api["scopes"]))}`),
    ...[...state.grants.values()].map(({ client_id: id, audience, scope = [] }) => {
      return `grant ${String(state.clients.get(id)?.["name"])} ${audience} ${words(scope)}`;
    }),
  ];
}

interface RuleConditions {
  readonly scopes?: { readonly include?: readonly string[] };
}

function foundAtOkta({ org: { state } }: Sandbox): readonly string[] {
  const labels = new Map([...state.apps.values()].map(({ clientId, label }) => [clientId, label]));
  const isOn = ({ status }: { readonly status: string }): string => (status === "ACTIVE" ? "" : ` (${status})`);
  return [
    ...[...state.apps.values()].map((app) => `client ${app.label}${isOn(app)}`),
    ...[...state.servers.values()].flatMap((server) => {
      const scopes = [...server.scopes.values()].filter(({ system }) => !system).map(({ name }) => name);
      const audience = server.audiences.join(" ");
      const grants = [...server.policies.values()].flatMap((policy) =>
        [...policy.rules.values()].map((rule) => {
          const client = policy.conditions.clients.include.map((id) => labels.get(id)).join(" ");
          const { scopes: granted } = rule.conditions as RuleConditions;
          return `grant ${client} ${audience} ${words(granted?.include ?? [])}${isOn(policy)}${isOn(rule)}`;
        }),
      );
      return [`api ${audience} ${words(scopes)}${isOn(server)}`, ...grants];
    }),
  ];
}

function unequal(vendor: Vendor, wanted: readonly string[], found: readonly string[]): readonly string[] {
  const left = [...found];
  const missing = wanted.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((line) => `${vendor} does not have: ${line}`),
    ...left.map((line) => `${vendor} has, and nobody asked for it: ${line}`),
  ];
}

/** The published credential is one that the tenant takes. */
async function secretOf(cluster: Cluster, { tenant, org }: Sandbox, client: AnyObject): Promise<readonly string[]> {
  const { namespace = "", name } = client.metadata;
  const secret = (await cluster.secret(namespace, name)) ?? {};
  const [id = "", text = ""] = [secret["client_id"], secret["client_secret"]];
  const valid =
    vendorOf(client) === "auth0"
      ? [tenant.state.clients.get(id)?.client_secret]
      : [...org.state.apps.values()]
          .filter(({ clientId }) => clientId === id)
          .flatMap(({ secrets }) => secrets.filter(({ status }) => status === "ACTIVE"))
          .map(({ client_secret: each }) => each);
  return valid.includes(text) ? [] : [`the Secret of ${keyOf(client)} has a credential that the tenant does not take`];
}
