import type { Clock } from "../ports/clock.ts";
import type { Fetch } from "../ports/http-transport.ts";
import type { ServerMetadata } from "../ports/provider.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { unreachable } from "./unreachable.ts";

/** How long a metadata document is taken as it was read. */
const FRESH_MS = 3_600_000;

/** Metadata documents (RFC 8414) by URL, each read once an hour and shared. */
export interface MetadataCache {
  read(wellKnownUrl: string): Promise<ServerMetadata>;
}

/** Which member of the document a client assertion is for, since servers differ in it. */
type AssertionAudience = "issuer" | "tokenEndpoint";

export function createMetadataCache(
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
  server: string,
  assertionAudience: AssertionAudience,
): MetadataCache {
  const held = new Map<string, { readonly metadata: ServerMetadata; readonly at: number }>();
  const pending = new Map<string, Promise<ServerMetadata>>();
  const now = (): number => clock.now().getTime();
  const load = async (url: string): Promise<ServerMetadata> => {
    const metadata = metadataOf(url, await getJson(fetch, server, url), assertionAudience);
    held.set(url, { metadata, at: now() });
    return metadata;
  };
  return {
    read: (url) => {
      const known = held.get(url);
      if (known !== undefined && now() - known.at < FRESH_MS) return Promise.resolve(known.metadata);
      const loading = pending.get(url) ?? load(url).finally(() => pending.delete(url));
      pending.set(url, loading);
      return loading;
    },
  };
}

function metadataOf(wellKnownUrl: string, document: unknown, assertionAudience: AssertionAudience): ServerMetadata {
  const { issuer, token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = document as Readonly<Record<string, unknown>>;
  if (typeof issuer !== "string" || typeof tokenEndpoint !== "string" || typeof jwksUri !== "string")
    throw new ProviderError(
      "unavailable",
      "The authorization server metadata lacks issuer, token_endpoint or jwks_uri.",
    );
  const audience = assertionAudience === "issuer" ? issuer : tokenEndpoint;
  return { wellKnownUrl, issuer, tokenEndpoint, jwksUri, assertionAudience: audience };
}

/** The public keys (RFC 7517) at a URL. Not cached. */
export async function readKeys(
  fetch: Fetch,
  server: string,
  jwksUri: string,
): Promise<{ readonly keys: readonly Record<string, unknown>[] }> {
  const { keys } = (await getJson(fetch, server, jwksUri)) as { readonly keys?: readonly Record<string, unknown>[] };
  if (!Array.isArray(keys)) throw new ProviderError("unavailable", "The key set has no keys.");
  return { keys: keys as readonly Record<string, unknown>[] };
}

async function getJson(fetch: Fetch, server: string, url: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { method: "GET", headers: { accept: "application/json" } });
  } catch (error) {
    throw unreachable(error, server, false) ?? new ProviderError("unavailable", `${server} gave no usable answer.`);
  }
  if (!response.ok)
    throw new ProviderError("unavailable", `${new URL(url).pathname} answered ${String(response.status)}.`);
  return response.json();
}
