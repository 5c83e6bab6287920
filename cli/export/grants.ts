import { scopeGrantSchema } from "../../src/kinds/scope-grant/schema.ts";
import { durationText } from "../../src/kinds/schema/duration.ts";
import { ALL_CLIENTS } from "../../src/ports/provider/ref.ts";
import type { Capabilities, ListedApi, ListedClient, ListedGrant } from "../../src/ports/provider.ts";
import { clientTitle } from "./clients.ts";
import { expressible } from "./expressible.ts";
import { defined, type Remark } from "./manifest.ts";
import { joinedName, namesOf } from "./names.ts";
import { isExported, type ExportInput, type Placed, type Placement } from "./plan.ts";

/** A ScopeGrant that stands for a grant of the tenant. */
export interface WrittenGrant {
  readonly name: string;
  readonly client: Placed<ListedClient>;
  /** The OAuthApi; `undefined` where the audience has none. */
  readonly api: Placed<ListedApi> | undefined;
  readonly grant: ListedGrant;
  readonly spec: Readonly<Record<string, unknown>>;
}

interface Sides {
  readonly client: Placed<ListedClient>;
  readonly api: Placed<ListedApi> | undefined;
  /** The API at the tenant, with or without an OAuthApi. */
  readonly target: ListedApi;
}

interface Outcome {
  readonly grants: readonly WrittenGrant[];
  readonly remarks: readonly Remark[];
}

/** The ScopeGrants of the clients that are exported. Those of others are not looked at: their client's remark names it. */
export function grantsOf(input: ExportInput, placement: Placement): Outcome {
  const remarks: Remark[] = [];
  const written: Omit<WrittenGrant, "name">[] = [];
  for (const grant of input.inventory.grants) {
    const sides = sidesOf(input, placement, grant);
    if (sides === undefined) continue;
    const title = `grant of ${"title" in sides ? sides.title : clientTitle(sides.client.listed)} for ${grant.audience}`;
    const note = (text: string): void => void remarks.push({ kind: "beyond", text: `${title}: ${text}` });
    if ("title" in sides) {
      note(sides.why);
      continue;
    }
    const { spec, said } = specOf(grant, sides, input.capabilities);
    for (const text of [...said, ...grant.beyond]) note(text);
    if (spec !== undefined) written.push({ client: sides.client, api: sides.api, grant, spec });
  }
  return { grants: named(written), remarks };
}

/** `undefined`: it is no business of the export. With `why`: a person must know that it is left out. */
function sidesOf(
  { inventory, capabilities }: ExportInput,
  { apis, clients }: Placement,
  grant: ListedGrant,
): Sides | { readonly title: string; readonly why: string } | undefined {
  const holder = inventory.clients.find(({ ref }) => ref === grant.client);
  const client = clients.get(grant.client);
  if (holder !== undefined && client === undefined) return undefined;
  const title = client === undefined ? holderText(grant) : clientTitle(client.listed);
  if (grant.refusal !== undefined) return { title, why: grant.refusal };
  if (grant.client === ALL_CLIENTS) return undefined;
  if (client === undefined) return { title, why: "the tenant has no such client" };
  const target = inventory.apis.find(({ ref, audience }) =>
    grant.api === undefined ? audience === grant.audience : ref === grant.api,
  );
  if (target === undefined) return { title, why: "the tenant has no such API" };
  const api = apis.get(target.ref);
  // An audience names an API alone only where no two have it.
  if (api === undefined && capabilities.sharesAudiences)
    return {
      title,
      why: isExported(target) ? "its API is left out" : "the operator created its API: name its OAuthApi",
    };
  return { client, api, target };
}

const holderText = ({ client }: ListedGrant): string => (client === ALL_CLIENTS ? "all clients" : `client ${client}`);

function specOf(
  grant: ListedGrant,
  { client, api, target }: Sides,
  capabilities: Capabilities,
): { readonly spec: WrittenGrant["spec"] | undefined; readonly said: readonly string[] } {
  const offered = new Set(target.scopes.map(({ name }) => name));
  const unknown = grant.scopes.filter((scope) => !offered.has(scope));
  const scopes = grant.scopes.filter((scope) => offered.has(scope)).sort();
  const said = unknown.map((scope) => `the API does not define scope ${scope}`);
  if (scopes.length === 0 && !grant.allScopes) return { spec: undefined, said: [...said, "no scope is left"] };
  const { spec, refused } = expressible(
    scopeGrantSchema.shape.spec,
    defined({
      clientRef: { name: client.name },
      apiRef: api === undefined ? undefined : apiRefOf(api, client),
      externalAudience: api === undefined ? grant.audience : undefined,
      ...(grant.allScopes ? { allScopes: true } : { scopes }),
      organizations: capabilities.organizations ? organizationsOf(grant) : undefined,
      tokenLifetime: lifetimeOf(grant, capabilities),
    }),
    ["clientRef", "apiRef", "externalAudience", "scopes"],
  );
  const left = spec === undefined ? ["it is left out"] : [];
  return { spec, said: [...said, ...refused.map(({ field, why }) => `${field}: ${why}`), ...left] };
}

const apiRefOf = (api: Placed<ListedApi>, client: Placed<ListedClient>): object =>
  api.namespace === client.namespace ? { name: api.name } : { name: api.name, namespace: api.namespace };

function organizationsOf({ organizations: { usage, any, ids = [] } }: ListedGrant): object | undefined {
  if (usage === "Deny") return undefined;
  return defined({ usage, any: any ? true : undefined, names: ids.length === 0 ? undefined : [...ids].sort() });
}

function lifetimeOf({ lifetimeSeconds }: ListedGrant, { tokenLifetime }: Capabilities): string | undefined {
  const isOwn = tokenLifetime.heldBy !== "api" && lifetimeSeconds !== undefined;
  return isOwn && lifetimeSeconds !== tokenLifetime.default ? durationText(lifetimeSeconds) : undefined;
}

/** The ID of a grant changes when somebody creates it again; its two sides stay. */
function named(grants: readonly Omit<WrittenGrant, "name">[]): readonly WrittenGrant[] {
  const idOf = ({ client, grant }: Omit<WrittenGrant, "name">): string =>
    `${client.listed.clientId} ${grant.api ?? grant.audience}`;
  const names = namesOf(
    grants.map((one) => ({
      id: idOf(one),
      texts: [joinedName(one.client.name, one.api?.name ?? audienceName(one.grant.audience))],
      namespace: one.client.namespace,
    })),
  );
  return grants.map((one) => ({ ...one, name: names.get(idOf(one)) ?? "" }));
}

const audienceName = (audience: string): string => audience.replace(/^[a-z]+:\/\//, "").replace(/\/+$/, "");
