import type { AnyObject } from "../integration/cluster.ts";
import { apiLine, clientLine, grantLine } from "./holdings.ts";
import type { Lane, Vendor } from "./lane.ts";

/** What one case wants: an API, a client and a grant between them, in one of two editions. */
export interface Wish {
  /** Of the case. */
  readonly n: number;
  /** Everything that can be edited differs between two editions that follow each other. */
  readonly edition: number;
  readonly method: "client_secret_basic" | "private_key_jwt";
  /** How often its client was rotated by request. */
  readonly rotations?: number;
}

export const KINDS = ["OAuthApi", "M2MClient", "ScopeGrant"] as const;
export type KindName = (typeof KINDS)[number];

const PLURALS: Readonly<Record<KindName, string>> = {
  OAuthApi: "oauthapis",
  M2MClient: "m2mclients",
  ScopeGrant: "scopegrants",
};
export const kindOf = (plural: string): KindName | undefined => KINDS.find((kind) => PLURALS[kind] === plural);

/** Short enough for a test; nothing waits for Pods. */
const ROTATION = { announce: "1s", overlap: "1s", maxWait: "0s", waitForPods: "None" };
const providerRef = { kind: "IdentityProvider", name: "tenant" };

export const nameOf = (kind: KindName, n: number): string =>
  `${{ OAuthApi: "things", M2MClient: "job", ScopeGrant: "job-things" }[kind]}-${String(n)}`;
const audienceOf = (n: number): string => `https://faults.example.com/${String(n)}`;
const isLong = ({ edition }: Wish): boolean => edition % 2 === 1;
const scopesOf = ({ edition }: Wish): readonly string[] => ["read:things", "write:things", `extra:${String(edition)}`];
const grantedOf = (wish: Wish): readonly string[] => (isLong(wish) ? ["read:things", "write:things"] : ["read:things"]);
const titleOf = ({ n, edition }: Wish): string => `job ${String(n)} edition ${String(edition)}`;

function resource(kind: KindName, namespace: string, name: string, spec: object): object {
  return { apiVersion: "m2m-operator.io/v1alpha1", kind, metadata: { name, namespace }, spec };
}

/** The three resources of a wish. */
export function manifestsOf(namespace: string, wish: Wish): readonly object[] {
  const { n, method } = wish;
  return [
    resource("OAuthApi", namespace, nameOf("OAuthApi", n), {
      ...{ providerRef, audience: audienceOf(n), tokens: { lifetime: isLong(wish) ? "2h" : "1h" } },
      scopes: scopesOf(wish).map((name) => ({ name })),
    }),
    resource("M2MClient", namespace, nameOf("M2MClient", n), {
      ...{ providerRef, displayName: titleOf(wish), authentication: { method }, rotation: ROTATION },
    }),
    resource("ScopeGrant", namespace, nameOf("ScopeGrant", n), {
      ...{ clientRef: { name: nameOf("M2MClient", n) }, apiRef: { name: nameOf("OAuthApi", n) } },
      scopes: grantedOf(wish),
    }),
  ];
}

/** The same three for what somebody made by hand; nothing there is asked to be different. */
export function adoptingManifests({ namespace, legacy }: Lane, n: number): readonly object[] {
  const { audience, clientId, authorizationServerId } = legacy;
  return [
    resource("OAuthApi", namespace, nameOf("OAuthApi", n), {
      ...{ providerRef, audience, adopt: true, scopes: [{ name: "read:invoices" }] },
      ...(authorizationServerId === undefined ? {} : { displayName: "Invoices", okta: { authorizationServerId } }),
    }),
    resource("M2MClient", namespace, nameOf("M2MClient", n), { providerRef, clientId, adopt: true }),
    resource("ScopeGrant", namespace, nameOf("ScopeGrant", n), {
      ...{ clientRef: { name: nameOf("M2MClient", n) }, apiRef: { name: nameOf("OAuthApi", n) } },
      scopes: ["read:invoices"],
    }),
  ];
}

/** What the tenant holds for these kinds of a wish. */
export function linesOf(vendor: Vendor, wish: Wish, kinds: readonly KindName[] = KINDS): readonly string[] {
  const seconds = isLong(wish) ? 7200 : 3600;
  const [ofApi, ofGrant] = vendor === "auth0" ? [seconds, undefined] : [undefined, seconds];
  const words = (names: readonly string[]): string => names.toSorted().join(" ");
  const all: Readonly<Record<KindName, string>> = {
    OAuthApi: apiLine(audienceOf(wish.n), words(scopesOf(wish)), ofApi),
    M2MClient: clientLine(titleOf(wish), wish.method === "private_key_jwt" ? "key" : "secret", 1),
    ScopeGrant: grantLine(titleOf(wish), audienceOf(wish.n), words(grantedOf(wish)), ofGrant),
  };
  return kinds.map((kind) => all[kind]);
}

/** Applies what is wanted; answers the generation of each object by kind. */
export async function apply({ cluster }: Lane, manifests: readonly object[]): Promise<ReadonlyMap<KindName, number>> {
  const applied = await Promise.all(manifests.map((manifest) => cluster.apply(manifest)));
  return new Map(applied.map((object) => [object.kind as KindName, generationOf(object)]));
}

export const generationOf = ({ metadata }: AnyObject): number =>
  (metadata as { readonly generation?: number }).generation ?? 0;
