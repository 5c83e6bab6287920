import type { Change, Manifest } from "../../src/assembly/preview/change.ts";
import type { Provider } from "../../src/ports/provider.ts";
import type { Random } from "../endurance/random.ts";
import type { Vendor } from "../contract/ways.ts";
import { PROVIDER } from "./live-world.ts";

const NAMESPACE = "payroll";
const providerRef = { kind: "ClusterIdentityProvider", name: PROVIDER };
const SCOPES = ["read", "write", "approve", "export"];

/** Objects that people made at the tenant, which resources may adopt. */
export interface Unmanaged {
  readonly clientId: string;
  readonly audience: string;
}

/** What the tenant's owner consents to. */
export const allowed = ({ clientId }: Unmanaged, mayAdopt: boolean): readonly object[] => [
  {
    namespaces: { from: "All" },
    audiences: ["https://*"],
    adopt: { clients: mayAdopt ? [clientId] : [], audiences: mayAdopt ? ["https://unmanaged-*"] : [] },
  },
];

function unmanagedName(seed: number): string {
  return `unmanaged-${String(seed)}`;
}

const MARK = {
  instance: "x",
  object: "0123456789abcdef",
  uid: "11111111-1111-4111-8111-111111111111",
  origin: "made",
  nonce: "0011223344556677",
} as const;

export async function unmanagedObjects(provider: Provider, seed: number): Promise<Unmanaged> {
  const audience = `https://unmanaged-${String(seed)}.example.com/`;
  const { client } = await provider.clients.create(
    {
      ...(provider.capabilities.choosesClientId ? { clientId: unmanagedName(seed) } : {}),
      ...{
        displayName: `Legacy ${String(seed)}`,
        metadata: { team: "legacy" },
        authenticationMethod: "client_secret_post",
      },
    },
    MARK,
  );
  await provider.clients.update(client.ref, { mark: null });
  const scopes = [{ name: "read" }, { name: "legacy" }];
  const api = await provider.apis.create({ audience, displayName: "Legacy API", scopes, tokens: {} }, MARK);
  if (provider.capabilities.marksApis) await provider.apis.update(api.ref, { mark: null });
  await provider.refresh(new Date());
  return { clientId: client.clientId, audience };
}

type Draft = Omit<Manifest, "spec"> & { readonly spec: Readonly<Record<string, unknown>> };

const maybe = (random: Random, chance: number, member: () => object): object =>
  random.next() < chance ? member() : {};
const some = (random: Random, all: readonly string[]): string[] => {
  const chosen = all.filter(() => random.next() < 0.5);
  return chosen.length === 0 ? [random.pick(all)] : chosen;
};

function apiDraft(random: Random, vendor: Vendor, seed: number, name: string): Draft {
  const isHs = vendor === "auth0" && random.next() < 0.25;
  return {
    kind: "OAuthApi",
    name,
    spec: {
      ...{ providerRef, audience: `https://${name}-${String(seed)}.example.com/` },
      scopes: some(random, SCOPES).map((scope) => ({
        name: scope,
        ...maybe(random, 0.3, () => ({ description: `May ${scope}.` })),
      })),
      ...maybe(random, 0.4, () => ({ displayName: random.pick(["Times", "Sheets", "Pay"]) })),
      ...maybe(random, 0.3, () => ({ description: random.pick(["One API.", "Another API."]) })),
      ...maybe(random, 0.4, () => ({ configMap: { name: `${name}-${random.pick(["a", "b"])}` } })),
      ...(isHs ? { tokens: { signingAlgorithm: "HS256" }, signingSecret: { name: `${name}-key` } } : {}),
      ...(isHs ? {} : maybe(random, 0.4, () => ({ tokens: { lifetime: random.pick(["10m", "30m", "2h"]) } }))),
      ...maybe(random, 0.2, () => ({ deletionPolicy: random.pick(["Delete", "Retain"]) })),
    },
  };
}

function clientDraft(random: Random, vendor: Vendor, name: string): Draft {
  return {
    kind: "M2MClient",
    name,
    spec: {
      providerRef,
      ...maybe(random, 0.4, () => ({ displayName: random.pick(["Job", "Report", "Import"]) })),
      ...maybe(random, 0.3, () => ({ description: random.pick(["A job.", "Another job."]) })),
      ...maybe(random, 0.4, () => ({ metadata: { [random.pick(["team", "stage"])]: random.pick(["a", "b"]) } })),
      ...maybe(random, 0.6, () => ({
        authentication: { method: random.pick(["client_secret_basic", "client_secret_post", "private_key_jwt"]) },
      })),
      ...maybe(random, 0.4, () => ({
        secret: {
          name: `${name}-${random.pick(["a", "b"])}`,
          ...maybe(random, 0.5, () => ({ keyStyle: random.pick(["Snake", "Env"]) })),
        },
      })),
      ...maybe(random, 0.15, () => ({ enabled: random.pick([true, false]) })),
      ...(vendor === "auth0" ? maybe(random, 0.2, () => ({ tokenQuota: { perHour: random.pick([10, 20]) } })) : {}),
      ...maybe(random, 0.2, () => ({ deletionPolicy: random.pick(["Delete", "Retain"]) })),
      ...maybe(random, 0.3, () => ({
        rotation: {
          ...(vendor === "auth0" ? { announce: "0s" } : { overlap: random.pick(["0s", "24h"]) }),
          waitForPods: "None",
        },
      })),
    },
  };
}

function grantDraft(
  random: Random,
  vendor: Vendor,
  name: string,
  apis: readonly string[],
  clients: readonly string[],
): Draft {
  return {
    kind: "ScopeGrant",
    name,
    spec: {
      ...{ clientRef: { name: random.pick(clients) }, apiRef: { name: random.pick(apis) } },
      ...(random.next() < 0.2
        ? { allScopes: true }
        : { scopes: some(random, [...SCOPES, ...(random.next() < 0.1 ? ["missing"] : [])]) }),
      ...maybe(random, 0.2, () => ({ secret: { name: `${name}-only` } })),
      ...(vendor === "okta" ? maybe(random, 0.3, () => ({ tokenLifetime: random.pick(["10m", "2h"]) })) : {}),
    },
  };
}

const numbered = (random: Random, prefix: string, max: number): readonly string[] =>
  Array.from({ length: random.between(1, max) }, (_, index) => `${prefix}-${String(index)}`);

/** What stands before the change. */
export function randomWorld(random: Random, vendor: Vendor, seed: number, { clientId }: Unmanaged): Change {
  const [apis, clients, grants] = [
    numbered(random, "api", 3),
    numbered(random, "client", 3),
    numbered(random, "grant", 5),
  ];
  const adopting: Draft = { kind: "M2MClient", name: "adopting", spec: { providerRef, clientId, adopt: true } };
  return {
    namespace: NAMESPACE,
    remove: [],
    apply: [
      ...apis.map((name) => apiDraft(random, vendor, seed, name)),
      ...clients.map((name) => clientDraft(random, vendor, name)),
      ...grants.map((name) => grantDraft(random, vendor, name, apis, clients)),
      ...(random.next() < 0.2 ? [adopting] : []),
    ],
  };
}

/** One to four edits, creations and deletions at once. */
export function randomChange(
  random: Random,
  vendor: Vendor,
  seed: number,
  world: Change,
  unmanaged: Unmanaged,
): Change {
  const drafts = new Map(world.apply.map((manifest) => [`${manifest.kind}/${manifest.name}`, manifest as Draft]));
  const apply = new Map<string, Manifest>();
  const remove = new Map<string, { readonly kind: Manifest["kind"]; readonly name: string }>();
  const namesOf = (kind: string): readonly string[] =>
    [...drafts.values()].filter((draft) => draft.kind === kind).map(({ name }) => name);
  for (let count = random.between(1, 4); count > 0; count--) {
    const draft = random.pick([...drafts.values()]);
    const key = `${draft.kind}/${draft.name}`;
    const kind = random.pick(["edit", "edit", "edit", "delete", "create", "adopt", "annotate"] as const);
    if (kind === "delete" && !apply.has(key)) remove.set(key, { kind: draft.kind, name: draft.name });
    if (kind === "edit" && !remove.has(key)) apply.set(key, edited(random, vendor, seed, draft, namesOf));
    if (kind === "annotate" && draft.kind === "M2MClient" && !remove.has(key)) apply.set(key, annotated(random, draft));
    if (kind === "create") {
      const created = newDraft(random, vendor, seed, namesOf);
      apply.set(`${created.kind}/${created.name}`, created);
    }
    if (kind === "adopt") {
      const created = adoption(random, unmanaged);
      if (!drafts.has(`${created.kind}/${created.name}`)) apply.set(`${created.kind}/${created.name}`, created);
    }
  }
  return { namespace: NAMESPACE, apply: [...apply.values()], remove: [...remove.values()] };
}

type NamesOf = (kind: string) => readonly string[];

/** What the API server would refuse to change stays. */
function edited(random: Random, vendor: Vendor, seed: number, draft: Draft, namesOf: NamesOf): Draft {
  const { kind, name, spec } = draft;
  if (kind === "OAuthApi") return { ...apiDraft(random, vendor, seed, name), name };
  if (kind === "ScopeGrant") {
    const next = grantDraft(random, vendor, name, namesOf("OAuthApi"), namesOf("M2MClient")).spec;
    return { kind, name, spec: { ...next, clientRef: spec["clientRef"], apiRef: spec["apiRef"] } };
  }
  const immutable = Object.entries(spec).filter(([field]) => ["clientId", "adopt"].includes(field));
  return {
    kind,
    name,
    spec: { ...clientDraft(random, vendor, name).spec, ...(Object.fromEntries(immutable) as object) },
  };
}

function annotated(random: Random, draft: Draft): Draft {
  const annotation = random.pick(["rotate-requested-at", "paused", "observe-only"]);
  const value = annotation === "rotate-requested-at" ? "now" : "true";
  return { ...draft, annotations: { [`m2m-operator.io/${annotation}`]: value } };
}

function newDraft(random: Random, vendor: Vendor, seed: number, namesOf: NamesOf): Draft {
  const number = String(random.between(10, 12));
  const kind = random.pick(["OAuthApi", "M2MClient", "ScopeGrant"] as const);
  if (kind === "M2MClient") return clientDraft(random, vendor, `client-${number}`);
  if (kind === "ScopeGrant")
    return grantDraft(
      random,
      vendor,
      `grant-${number}`,
      [...namesOf("OAuthApi"), "api-10"],
      [...namesOf("M2MClient"), "client-10"],
    );
  const draft = apiDraft(random, vendor, seed, `api-${number}`);
  // One that another resource claims.
  return random.next() < 0.2
    ? { ...draft, spec: { ...draft.spec, audience: `https://api-0-${String(seed)}.example.com/` } }
    : draft;
}

function adoption(random: Random, { clientId, audience }: Unmanaged): Draft {
  if (random.next() < 0.5)
    return {
      kind: "M2MClient",
      name: "adopting",
      spec: { providerRef, clientId, adopt: true, ...maybe(random, 0.5, () => ({ displayName: "Adopted" })) },
    };
  const isAllowed = random.next() < 0.7;
  return {
    kind: "OAuthApi",
    name: "adopted",
    spec: {
      ...{ providerRef, audience: isAllowed ? audience : "https://elsewhere.example.com/", adopt: true },
      scopes: [{ name: "read" }, { name: "more" }],
    },
  };
}
