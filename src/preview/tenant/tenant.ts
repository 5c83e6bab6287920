import type {
  ObservedApi,
  ObservedClient,
  ObservedGrant,
  Provider,
  Ref,
  ServerMetadata,
  TokenRequest,
} from "../../ports/provider.ts";
import { simulatedApis } from "./apis.ts";
import { simulatedClients } from "./clients.ts";
import { grantEffects, simulatedGrants } from "./grants.ts";
import { createLayer } from "./layer.ts";
import { createPlaceholders, isPlaceholder, KNOWN_AFTER_APPLY } from "./placeholders.ts";
import type { TenantRoom } from "./room.ts";
import { createFormatGuard } from "./token-format.ts";
import { type PreviewKey, simulatedTokens } from "./tokens.ts";

/** Objects of a tenant that a call names. */
export type RemoteObject = ObservedApi | ObservedClient | ObservedGrant;

/** A tenant whose reads answer from the real one, and whose writes stay here. */
export interface SimulatedTenant {
  readonly provider: Provider;
  /** The object with this ID as it is now. */
  readonly known: (ref: Ref) => RemoteObject | undefined;
}

export interface TenantParts extends Pick<TenantRoom, "fingerprint" | "now"> {
  readonly key: (algorithm: string) => Promise<PreviewKey>;
  /** Issuer that a resource records for this token endpoint; `undefined` where none does. */
  readonly recordedIssuer: (tokenEndpoint: string, audience: string) => string | undefined;
}

/** Lays a preview over a connected tenant. */
export function simulateTenant(tenant: Provider, parts: TenantParts): SimulatedTenant {
  const { capabilities } = tenant;
  const room = { tenant, capabilities, placeholders: createPlaceholders(), ...parts };
  const [apiLayer, clientLayer, grantLayer] = [
    createLayer<ObservedApi>(),
    createLayer<ObservedClient>(),
    createLayer<ObservedGrant>(),
  ];
  const effects = grantEffects(room, grantLayer);
  const format = createFormatGuard(room, { apis: () => apis, grants: () => grants });
  const apis = simulatedApis(room, apiLayer, effects, format);
  const grants = simulatedGrants(room, grantLayer, format);
  const issuers = new Map<string, string>();
  const noted = (metadata: ServerMetadata): ServerMetadata => {
    issuers.set(metadata.tokenEndpoint, metadata.issuer);
    return metadata;
  };
  const metadata = async (api: Ref): Promise<ServerMetadata> => {
    const shared = isPlaceholder(api) ? await tenant.sharedMetadata() : undefined;
    if (shared !== undefined) return noted(shared);
    return noted(isPlaceholder(api) ? unknownMetadata(tenant.domain, api) : await tenant.metadata(api));
  };
  const signingOf = async ({ audience }: TokenRequest) => {
    const { ref, signingAlgorithm = "RS256" } = (await apis.issuance({ ref: undefined, audience })) ?? {};
    const secret = ref === undefined ? undefined : await apis.readSigningSecret(ref);
    return { algorithm: signingAlgorithm, secret };
  };
  const provider: Provider = {
    ...tenant,
    apis,
    clients: simulatedClients(room, clientLayer, effects),
    grants,
    metadata,
    ...simulatedTokens({
      ...{ key: parts.key, now: parts.now, signingOf },
      issuerOf: ({ tokenEndpoint, audience }) =>
        parts.recordedIssuer(tokenEndpoint, audience) ?? issuers.get(tokenEndpoint),
    }),
    // A preview rests on the view that there is.
    refresh: () => Promise.resolve(),
    onDrift: () => undefined,
    close: () => undefined,
  };
  return { provider, known: (ref) => apiLayer.known(ref) ?? clientLayer.known(ref) ?? grantLayer.known(ref) };
}

/** Of an authorization server that the change creates. */
function unknownMetadata(domain: string, api: Ref): ServerMetadata {
  const issuer = `https://${domain}/${KNOWN_AFTER_APPLY.replaceAll(" ", "-")}/${encodeURIComponent(api)}`;
  return {
    issuer,
    wellKnownUrl: `${issuer}/.well-known/oauth-authorization-server`,
    tokenEndpoint: `${issuer}/v1/token`,
    jwksUri: `${issuer}/v1/keys`,
    assertionAudience: `${issuer}/v1/token`,
  };
}
