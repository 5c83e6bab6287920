import type { JSONWebKeySet } from "jose";
import { proofOf } from "../../src/oauth/client-authentication.ts";
import { createMetadataCache, readKeys } from "../../src/oauth/public-documents.ts";
import { safeText } from "../../src/oauth/safe-text.ts";
import { askForToken } from "../../src/oauth/token-endpoint.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { ProviderError } from "../../src/ports/provider-error.ts";
import type { Fetch } from "../../src/ports/http-transport.ts";
import { Failure } from "../failure.ts";
import type { PublishedApi, PublishedCredential } from "./published.ts";

/** A token for an API. */
export interface ReceivedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** The parameters of the request (RFC 6749 section 4.4.2) that prove nothing. Vendors ignore those that they do not know. */
export function tokenParameters(api: PublishedApi, organization: string | undefined): Readonly<Record<string, string>> {
  return {
    grant_type: "client_credentials",
    audience: api.audience,
    ...(api.scopes.length === 0 ? {} : { scope: api.scopes.join(" ") }),
    ...(organization === undefined ? {} : { organization }),
  };
}

/** Requests a token as the workload does. Throws a Failure with the tenant's answer. */
export async function requestToken(
  fetch: Fetch,
  credential: PublishedCredential,
  api: PublishedApi,
  organization: string | undefined,
  now: Date,
): Promise<ReceivedToken> {
  const { host } = new URL(api.token_endpoint);
  return explaining(async () => {
    const { clientId, authenticationFor } = credential;
    const proof = await proofOf({ clientId, authentication: authenticationFor(api) }, now);
    const form = { ...tokenParameters(api, organization), ...proof.parameters };
    const question = { server: host, url: api.token_endpoint, parameters: form, headers: proof.headers };
    const response = await askForToken(fetch, question);
    if (response.isGranted)
      return { accessToken: response.document.access_token, expiresInSeconds: response.document.expires_in };
    const { error, error_description: description } = response.document;
    const why = [safeText(error), safeText(description)].filter((part) => part !== "").join(": ");
    throw new Failure(
      `${host} refused the token request: ${String(response.status)}${why === "" ? "" : ` ${why}`}.`,
      "Compare with the condition Verified of the M2MClient. See docs/troubleshooting.md.",
    );
  });
}

/** The public keys of the API's authorization server. */
export function fetchKeys(fetch: Fetch, api: PublishedApi, clock: Clock): Promise<JSONWebKeySet> {
  const { host } = new URL(api.well_known_url);
  return explaining(async () => {
    const documents = createMetadataCache({ fetch, clock }, host, "issuer");
    const { jwksUri } = await documents.read({ issuer: api.issuer, wellKnownUrl: api.well_known_url });
    return (await readKeys(fetch, host, jwksUri)) as unknown as JSONWebKeySet;
  });
}

async function explaining<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new Failure(error.message, "Check network and proxy. For a private certificate authority, use --ca FILE.");
  }
}
