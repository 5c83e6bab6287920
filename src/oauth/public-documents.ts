import { z } from "zod";
import type { Clock } from "../ports/clock.ts";
import type { Fetch } from "../ports/http-transport.ts";
import type { ServerMetadata } from "../ports/provider.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { documentIn, received } from "./json-answer.ts";
import { safeText } from "./safe-text.ts";
import { unreachable } from "./unreachable.ts";

/** How long a metadata document is taken as it was read. */
const FRESH_MS = 3_600_000;

/** Where the metadata of an issuer is. */
export interface MetadataPlace {
  /** As tokens have it: exactly, with or without a slash at the end. */
  readonly issuer: string;
  readonly wellKnownUrl: string;
}

/** Metadata documents (RFC 8414) by URL, each read once an hour and shared. */
export interface MetadataCache {
  /** Throws `unavailable` for what is no metadata document of this issuer. */
  read(place: MetadataPlace): Promise<ServerMetadata>;
  /** Documents that are held. */
  size(): number;
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
  const load = async (place: MetadataPlace): Promise<ServerMetadata> => {
    const url = place.wellKnownUrl;
    const metadata = metadataOf(place, await readDocument(fetch, server, url, metadataSchema), assertionAudience);
    for (const [other, { at }] of held) if (now() - at >= FRESH_MS) held.delete(other);
    held.set(url, { metadata, at: now() });
    return metadata;
  };
  return {
    read: (place) => {
      const url = place.wellKnownUrl;
      const known = held.get(url);
      if (known !== undefined && now() - known.at < FRESH_MS) return Promise.resolve(known.metadata);
      const loading = pending.get(url) ?? load(place).finally(() => pending.delete(url));
      pending.set(url, loading);
      return loading;
    },
    size: () => held.size,
  };
}

const httpsUrl = z.url({ protocol: /^https$/ });
const metadataSchema = z.object({ issuer: z.string(), token_endpoint: httpsUrl, jwks_uri: httpsUrl });

/** RFC 8414 section 3.3: a document of another issuer must not be used. */
function metadataOf(
  place: MetadataPlace,
  document: z.output<typeof metadataSchema>,
  assertionAudience: AssertionAudience,
): ServerMetadata {
  const { issuer, token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = document;
  if (issuer !== place.issuer)
    throw new ProviderError(
      "unavailable",
      `${place.wellKnownUrl} says that its issuer is ${safeText(issuer)}, not ${place.issuer}. Compare this with the domain or URL of the provider object.`,
    );
  const audience = assertionAudience === "issuer" ? issuer : tokenEndpoint;
  return { wellKnownUrl: place.wellKnownUrl, issuer, tokenEndpoint, jwksUri, assertionAudience: audience };
}

/** Far more than any server publishes. */
const MAX_KEYS = 100;
/** RFC 7517 sections 4.1 and 5. */
const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string().min(1) })).max(MAX_KEYS) });

/** The public keys (RFC 7517) at a URL, at most 100. Not cached. */
export async function readKeys(
  fetch: Fetch,
  server: string,
  jwksUri: string,
): Promise<{ readonly keys: readonly Record<string, unknown>[] }> {
  return readDocument(fetch, server, jwksUri, keySetSchema);
}

async function readDocument<T>(fetch: Fetch, server: string, url: string, document: z.ZodType<T>): Promise<T> {
  const { pathname } = new URL(url);
  try {
    const response = await fetch(url, { method: "GET", headers: { accept: "application/json" } });
    if (!response.ok)
      throw new ProviderError("unavailable", `${pathname} answered ${String(response.status)}.`, { isAnswer: true });
    return documentIn(await received(response), { statuses: [200], document });
  } catch (error) {
    throw (
      unreachable(error, server, false) ??
      new ProviderError("unavailable", `${server} gave no usable answer.`, { isAnswer: true })
    );
  }
}
