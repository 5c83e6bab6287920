import { Agent, fetch } from "undici";
import { expect } from "vitest";
import type { Org } from "../../../sandbox/okta/org.ts";
import { eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** What the org holds, as a test asks for it. */
export interface OrgView {
  readonly org: Org;
  /** The one server of this audience. */
  server(audience: string): ReturnType<typeof serversOf>[number] | undefined;
  app(clientId: unknown): Org["state"]["apps"] extends Map<string, infer A> ? A | undefined : never;
  /** Custom scopes by name. */
  scopes(audience: string): readonly string[];
  /** Policies of the server of this audience that name this client. */
  policies(audience: string, included: unknown): readonly PolicyView[];
}

export interface PolicyView {
  readonly policy: { name: string; description: string | null; status: string; priority: number };
  readonly id: string;
  readonly rules: readonly RuleView[];
}

export interface RuleView {
  readonly name: string;
  readonly status: string;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  readonly lifetimeMinutes: number;
}

const serversOf = ({ state }: Org) => [...state.servers.values()];

export function viewOf(org: Org): OrgView {
  const server = (audience: string) => serversOf(org).find(({ audiences }) => audiences.includes(audience));
  return {
    org,
    server,
    app: (clientId) => [...org.state.apps.values()].find((app) => app.clientId === clientId),
    scopes: (audience) =>
      [...(server(audience)?.scopes.values() ?? [])].filter(({ system }) => !system).map(({ name }) => name),
    policies: (audience, included) =>
      [...(server(audience)?.policies.values() ?? [])]
        .filter(({ conditions }) => conditions.clients.include.includes(String(included)))
        .map((policy) => ({ policy, id: policy.id, rules: [...policy.rules.values()].map(ruleView) })),
  };
}

interface RawRule {
  readonly name: string;
  readonly status: string;
  readonly conditions: {
    readonly scopes?: { readonly include?: readonly string[] };
    readonly grantTypes?: { readonly include?: readonly string[] };
  };
  readonly actions: { readonly token?: { readonly accessTokenLifetimeMinutes?: number } };
}

function ruleView(rule: object): RuleView {
  const { name, status, conditions, actions } = rule as RawRule;
  return {
    name,
    status,
    scopes: conditions.scopes?.include ?? [],
    grantTypes: conditions.grantTypes?.include ?? [],
    lifetimeMinutes: actions.token?.accessTokenLifetimeMinutes ?? 0,
  };
}

export async function createOktaWorld(
  options: Parameters<typeof createWorld>[0] = {},
): Promise<{ readonly world: World; readonly view: OrgView }> {
  const world = await createWorld({ ...options, vendor: "okta" });
  return { world, view: viewOf(world.sandbox.org) };
}

/** As a person would through the console: nothing of it goes through the operator. Returns what the org answers. */
export async function editByHand(
  { sandbox }: World,
  method: string,
  path: string,
  body?: object,
): Promise<Readonly<Record<string, unknown>>> {
  const dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  try {
    const answer = await fetch(`${sandbox.admin.url}/edit/okta`, {
      method: "POST",
      dispatcher,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ method, path, ...(body === undefined ? {} : { body }) }),
    });
    const document = (await answer.json().catch(() => ({}))) as Readonly<Record<string, unknown>>;
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return document;
  } finally {
    await dispatcher.close();
  }
}

let looks = 0;

/** A requested refresh of everything, which the sweep continues with. */
export async function lookAtOrg(world: World): Promise<void> {
  const { cluster, provider } = world;
  const asked = `look-${String(looks++)}`;
  await world.annotate("ClusterIdentityProvider", "", provider, "reconcile-requested-at", asked);
  await eventually(
    () => cluster.get("ClusterIdentityProvider", "", provider),
    (object) => object?.status?.["lastHandledReconcileAt"] === asked,
    "a look at the org",
  );
}
