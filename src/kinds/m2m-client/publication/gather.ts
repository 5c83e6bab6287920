import { listed } from "../../../ports/listed.ts";
import type { CredentialValues, PublicApi, SecretInputs } from "../../../publication/inputs.ts";
import { renderClientSecret } from "../../../publication/render.ts";
import { inputsDigest } from "../../../publication/inputs-digest.ts";
import { apiKeyOf, namesWithout } from "../../../publication/keys.ts";
import { grantConsent } from "../../../consent/grant-consent.ts";
import type { AuthenticationMethod, Provider } from "../../../ports/provider.ts";
import type { KindContext } from "../../kind-context.ts";
import { apiOwnership } from "../../access/api-ownership.ts";
import { grantsOfClient } from "../../relations/dependents.ts";
import { nameOf } from "../../relations/indexes.ts";
import type { OAuthApi } from "../../oauth-api/schema.ts";
import type { ScopeGrant } from "../../scope-grant/schema.ts";
import { isJudged } from "../../status/judged.ts";
import { layoutOf } from "../../outputs/layout.ts";
import {
  apiIdOf,
  apiOf,
  type GrantToPublish,
  publishedGrant,
  recordedMetadata,
  refOf,
} from "../../outputs/published-grant.ts";
import {
  choosePrimary,
  flatApiOf,
  type GrantedApiNames,
  type NamedPrimary,
  type PrimaryChoice,
} from "./primary-api.ts";
import type { Observed } from "../model.ts";
import type { M2MClient } from "../schema.ts";

/** Everything a client's Secret is rendered from, the credential apart. */
export interface Publication {
  readonly inputs: Omit<SecretInputs, "credential">;
  /** One entry per ScopeGrant that the Secret carries, as status shows it. */
  readonly carried: readonly CarriedGrant[];
  readonly primary: PrimaryChoice;
  /**
   * The API in the flat keys, for which a token is obtained to verify the credential, with everything that its
   * ScopeGrants give together; `undefined` while nothing is granted.
   */
  readonly verifiable: GrantToPublish | undefined;
  /** What the client is to authenticate with after a rotation. Absent: it keeps what it has. */
  readonly method?: AuthenticationMethod | undefined;
  /** Names of ScopeGrants that were made a moment ago: what becomes of them is not known yet. */
  readonly underWay: readonly string[];
}

interface CarriedGrant {
  readonly name: string;
  readonly uid: string;
  /** As the spec names it: `namespace/name` of the OAuthApi, or the external audience. */
  readonly api: string;
  /** The provider's id of the grant; `undefined` where it was there before the ScopeGrant, and stays after it. */
  readonly externalId: string | undefined;
  readonly scopes: readonly string[];
  /** Ids. */
  readonly organizations: readonly string[];
}

export async function gatherPublication(
  context: Pick<KindContext, "namespaces" | "resources" | "settings">,
  provider: Provider,
  resource: M2MClient,
  clientId: string,
): Promise<Publication> {
  const referring = grantsOfClient(context.resources, resource)
    .filter((grant) => grant.metadata.deletionTimestamp === undefined)
    // A cache hands them out in the order in which they came, which is another after a restart.
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const carried = referring.filter((grant) => isGranted(grant));
  const server = await provider.sharedMetadata();
  const published = await publishedGrants(context, provider, carried);
  const grants = published.map(({ entry }) => entry);
  const primary = choosePrimary(namedPrimary(resource), resource.status?.primaryApi, apisOf(published));
  const [flat] = flatApiOf(primary)?.grants ?? [];
  const verifiable = verifiableOf(published, flat);
  return {
    inputs: {
      clientId,
      domain: provider.domain,
      vendor: provider.vendor,
      server,
      assertionAudience: (verifiable?.entry ?? server)?.assertionAudience,
      grants,
      ...(flat === undefined ? {} : { primary: flat }),
      apis: await templateApis(context, provider, resource),
      layout: layoutOf(resource),
    },
    carried: carried.map((grant) => ({
      name: grant.metadata.name,
      uid: grant.metadata.uid,
      api: apiIdOf(grant),
      externalId: grant.status?.origin === "Adopted" ? undefined : grant.status?.externalId,
      scopes: grant.status?.grantedScopes ?? [],
      organizations: (grant.status?.organizations ?? []).map(({ id }) => id),
    })),
    primary,
    verifiable,
    method: wantedMethod(provider, resource),
    underWay: referring.filter((grant) => !isJudged(grant)).map(({ metadata }) => metadata.name),
  };
}

/** An adopted client keeps its method unless the spec names one. */
function wantedMethod({ capabilities }: Provider, { spec }: M2MClient): AuthenticationMethod | undefined {
  const byDefault = spec.adopt === true ? undefined : capabilities.authenticationMethods[0];
  return spec.authentication?.method ?? byDefault;
}

function namedPrimary({ metadata, spec }: M2MClient): NamedPrimary {
  const { primaryGrant: grant, primaryApi: api } = spec.secret ?? {};
  const named = grant === undefined ? undefined : nameOf(metadata.namespace, grant);
  return { grant: named, api: api === undefined ? undefined : nameOf(api.namespace ?? metadata.namespace, api.name) };
}

/** The granted APIs, each once: an external audience may be that of an OAuthApi. Sorted by id. */
function apisOf(published: readonly GrantToPublish[]): readonly GrantedApiNames[] {
  const byApi = new Map<string, GrantToPublish[]>();
  for (const grant of published) {
    const key = apiKeyOf(grant.entry);
    byApi.set(key, [...(byApi.get(key) ?? []), grant]);
  }
  return [...byApi.values()]
    .map((grants) => ({
      ids: [...new Set(grants.map(({ apiId }) => apiId))].sort(),
      grants: grants.map(({ entry }) => entry.name).sort(),
    }))
    .sort((a, b) => ((a.ids[0] ?? "") < (b.ids[0] ?? "") ? -1 : 1));
}

/** A grant for the API in the flat keys, with the scopes of all that are for the same API. */
function verifiableOf(published: readonly GrantToPublish[], flat: string | undefined): GrantToPublish | undefined {
  const named = published.find(({ entry }) => entry.name === flat);
  const first = named ?? published[0];
  if (first === undefined) return undefined;
  const same = published.filter(({ api }) => api.ref === first.api.ref);
  const scopes = [...new Set(same.flatMap(({ entry }) => entry.scopes))];
  return { ...first, entry: { ...first.entry, scopes } };
}

/** Its consent stands and the provider holds it, or held it and is about to hold it again. It may have no scopes. */
function isGranted({ status }: ScopeGrant): boolean {
  return status?.grantedScopes !== undefined;
}

async function publishedGrants(
  context: Pick<KindContext, "resources">,
  provider: Provider,
  grants: readonly ScopeGrant[],
): Promise<readonly GrantToPublish[]> {
  const entries = await Promise.all(grants.map((grant) => publishedGrant(context, provider, grant)));
  return entries.filter((entry) => entry !== undefined);
}

/** Public values of APIs that a template needs without being granted; the same consent as for a grant. */
async function templateApis(
  context: Pick<KindContext, "namespaces" | "resources" | "settings">,
  provider: Provider,
  resource: M2MClient,
): Promise<Readonly<Record<string, PublicApi>>> {
  const { namespace = "" } = resource.metadata;
  const apis: Record<string, PublicApi> = {};
  for (const { as, ...ref } of resource.spec.secret?.template?.apiRefs ?? []) {
    const api = apiOf(context, namespace, ref);
    const apiRef = api === undefined ? undefined : refOf(api);
    if (api === undefined || apiRef === undefined || !mayRead(context, namespace, api)) continue;
    if ((await apiOwnership(provider, context.settings.instanceId, api, true)) === "foreign") continue;
    const { issuer, wellKnownUrl, tokenEndpoint, jwksUri } = recordedMetadata(api) ?? (await provider.metadata(apiRef));
    const scopes = api.spec.scopes.map((scope) => scope.name).sort();
    apis[as] = { audience: api.spec.audience, scopes, issuer, wellKnownUrl, tokenEndpoint, jwksUri };
  }
  return apis;
}

function mayRead(context: Pick<KindContext, "namespaces">, namespace: string, api: OAuthApi): boolean {
  const asker = { name: namespace, labels: context.namespaces.get(namespace)?.labels };
  const allowed = grantConsent(api.metadata.namespace ?? "", api.spec.allowedGrants ?? [], asker);
  return allowed === "all" || allowed.length > 0;
}

/** What the credential to publish consists of. `public_key`: only the user has the private half. */
export type CredentialShape = "client_secret" | "private_key" | "public_key" | "service_account";

const KEY = { id: "", createdAt: "", authenticationMethod: "private_key_jwt", algorithm: "" } as const;

/** Credentials without values: a template is judged by the names that it will find. */
const SHAPES: Readonly<Record<CredentialShape, CredentialValues>> = {
  client_secret: { id: "", createdAt: "", authenticationMethod: "client_secret_post", clientSecret: "" },
  private_key: { ...KEY, privateKey: "", keyId: "" },
  service_account: { id: "", createdAt: "", authenticationMethod: "kubernetes", subject: "" },
  public_key: { ...KEY, privateKey: undefined, keyId: undefined },
};

/** What is known of the Secret that was published last. */
export interface PublishedSecret {
  /** The Secret exists, or existed: it is restored as it was. */
  readonly isPublished: boolean;
  /** It was rendered from this very publication, which therefore can be rendered. */
  readonly isCurrent: boolean;
}

/** Why the flat keys are not those that the spec requests, and what they are until then. */
export function undecidedOf({ primary, inputs }: Publication, shape: CredentialShape): Observed["undecided"] {
  const meanwhile = inputs.primary === undefined ? "" : " Until then the Secret keeps its current API.";
  if (primary.kind === "required" && usesFlatKeys(inputs, shape))
    return {
      kind: "stalled",
      reason: "PrimaryGrantRequired",
      message: `Client ${inputs.clientId} has grants for several APIs (${listed(primary.ids, MAX_IDS)}). Set spec.secret.primaryApi to the OAuthApi, or spec.secret.primaryGrant to the ScopeGrant, that fills the keys audience and scopes.${meanwhile}`,
    };
  if (primary.kind !== "awaited") return undefined;
  const message = `${primary.what}. Apply the ScopeGrant, read its condition, or name another.${meanwhile}`;
  return { kind: "unmet", reason: "GrantNotReady", message };
}

const FLAT_NAMES = ["audience", "scopes"];

/** Whether the Secret shows them: by keys, or where a template cannot do without them. */
function usesFlatKeys(inputs: Publication["inputs"], shape: CredentialShape): boolean {
  if (inputs.layout.keyStyle !== "None") return true;
  const { primary: _none, ...others } = inputs;
  const rendering = renderClientSecret({ ...others, credential: SHAPES[shape] });
  return rendering.kind === "waiting" && rendering.names.some((name) => FLAT_NAMES.includes(name));
}

const MAX_IDS = 10;

/** Why the Secret cannot be rendered now; found without any credential. A first one waits until its flat keys are known. */
export function blockOf(
  publication: Publication,
  shape: CredentialShape,
  { isPublished, isCurrent }: PublishedSecret,
): Observed["blocked"] {
  const { inputs } = publication;
  const undecided = undecidedOf(publication, shape);
  if (undecided !== undefined && !isPublished) return undecided;
  if (isCurrent) return undefined;
  const rendering = renderClientSecret({ ...inputs, credential: SHAPES[shape] });
  if (rendering.kind === "invalid") return { kind: "stalled", reason: rendering.reason, message: rendering.message };
  if (rendering.kind !== "waiting") return undefined;
  const impossible = isLasting(publication, shape)
    ? rendering.names.filter((name) => namesWithout(SHAPES[shape]).includes(name))
    : [];
  if (impossible.length > 0)
    return {
      kind: "stalled",
      reason: "TemplateInvalid",
      message: `spec.secret.template needs ${impossible.join(", ")}, which does not exist with ${WITH[shape]}. Remove it from the template, or change spec.authentication.`,
    };
  return {
    kind: "unmet",
    reason: "WaitingForTemplateValue",
    message: `spec.secret.template needs ${rendering.names.join(", ")}, which has no value. Apply the ScopeGrant or OAuthApi that gives it one, or remove it from the template.`,
  };
}

/** What a credential of each shape comes from, for messages. */
const WITH: Readonly<Record<CredentialShape, string>> = {
  client_secret: "method client_secret_basic or client_secret_post",
  private_key: "method private_key_jwt",
  service_account: "method kubernetes",
  public_key: "publicKeys of your own",
};

/** The client is not about to get a credential of another shape. */
function isLasting({ method }: Publication, shape: CredentialShape): boolean {
  if (method === undefined || shape === "public_key") return true;
  if (method === "kubernetes") return shape === "service_account";
  return shape === (method === "private_key_jwt" ? "private_key" : "client_secret");
}

export function digestOf(context: Pick<KindContext, "sha256">, publication: Publication, stateVersion: string): string {
  return inputsDigest(publication.inputs, stateVersion, (text) => context.sha256(text));
}
