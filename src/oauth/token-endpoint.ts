import type { Fetch } from "../ports/http-transport.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { unreachable } from "./unreachable.ts";

/** RFC 6749 sections 5.1 and 5.2, as far as it is read. An access token that no header can carry is left out. */
export interface TokenDocument {
  readonly access_token?: string;
  readonly token_type?: string;
  readonly expires_in?: number;
  readonly scope?: string;
  readonly error?: unknown;
  readonly error_description?: unknown;
}

export interface TokenResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly document: TokenDocument;
}

/** RFC 6750 section 2.1, as loosely as vendors need it: what a header can carry. Anything else is no token. */
const SENDABLE = /^[\x21-\x7e]+$/;

function checked(document: TokenDocument | null): TokenDocument {
  const { access_token: token, ...rest } = document ?? {};
  return typeof token === "string" && SENDABLE.test(token) ? { ...rest, access_token: token } : rest;
}

/** One request to a token endpoint. Asking changes nothing, so that no answer means `unavailable`. */
export async function askForToken(
  fetch: Fetch,
  server: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...headers },
      body: new URLSearchParams(parameters),
    });
    const document = checked((await response.json().catch(() => ({}))) as TokenDocument | null);
    return { status: response.status, headers: response.headers, document };
  } catch (error) {
    throw unreachable(error, server, false) ?? new ProviderError("unavailable", `${server} gave no usable answer.`);
  }
}
