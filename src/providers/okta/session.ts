import type { Renewable } from "../../oauth/held-token.ts";
import { refusedOnce } from "../../oauth/refused-once.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { UNSETTLED_RETRY_MS, Unsettled } from "../../tenant/listing.ts";
import { type OktaFailure, providerErrorOf } from "./errors.ts";

/** A document as Okta has it, with fields that no SDK knows. */
export type RawDocument = Readonly<Record<string, unknown>>;

/** How the operator itself authenticates to the Management API. */
export interface Authorization extends Renewable {
  /** Headers for one request. */
  headersFor(method: string, url: string): Promise<Readonly<Record<string, string>>>;
  /** Scopes that were requested and not granted; none where an administrator's role decides. */
  missingScopes(): Promise<readonly string[]>;
  /** The connection is closed. */
  forget(): void;
}

/** Runs calls: errors come out translated, and a token that was refused is replaced once. */
export interface Session {
  read<T>(call: () => Promise<T>): Promise<T>;
  write<T>(call: () => Promise<T>): Promise<T>;
  /** `undefined` when there is none. */
  readRaw(path: string): Promise<RawDocument | undefined>;
  /**
   * Okta's PUT replaces everything and its SDK drops what it does not know: what exists is read, `change` changes what
   * is ours, and the whole goes back. Throws `not_found` when it is gone.
   */
  change(path: string, change: (document: RawDocument) => RawDocument): Promise<RawDocument>;
}

/** With the operator's credential on every request. */
export function authorized(orgUrl: string, fetch: Fetch, authorization: Authorization): Fetch {
  const { origin } = new URL(orgUrl);
  return async (input, init = {}) => {
    const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
    // Links to further pages come from answers: they must not lead the credential elsewhere.
    if (new URL(url).origin !== origin)
      throw new ProviderError(
        "invalid",
        `Okta links to ${new URL(url).host}, which is not the host of spec.okta.orgUrl (${new URL(orgUrl).host}). Create the provider object again with the host that Okta names.`,
      );
    const headers = new Headers(init.headers);
    // The SDK's placeholder goes.
    headers.delete("authorization");
    const method = (init.method ?? "GET").toUpperCase();
    for (const [name, value] of Object.entries(await authorization.headersFor(method, url))) headers.set(name, value);
    return fetch(url, { ...init, headers });
  };
}

export function createSession(orgUrl: string, send: Fetch, authorization: Authorization): Session {
  const run = refusedOnce(translate, authorization);
  const request = async (method: string, path: string, body?: RawDocument): Promise<RawDocument> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { accept: "application/json", "content-type": "application/json" };
    const response = await send(`${orgUrl}${path}`, { method, headers, ...init });
    const document = (await response.json().catch(() => ({}))) as RawDocument;
    if (response.ok) return document;
    throw Object.assign(new Error("refused"), failureOf(response, document));
  };
  const readRaw: Session["readRaw"] = (path) => run(() => orUndefined(request("GET", path)), false);
  return {
    read: (call) => run(call, false),
    write: (call) => run(call, true),
    readRaw,
    change: async (path, change) => {
      const before = await readRaw(path);
      if (before === undefined) throw new ProviderError("not_found", "The object no longer exists at Okta.");
      const after = change(before);
      return run(() => request("PUT", path, after), true);
    },
  };
}

const failureOf = ({ status, headers }: Response, document: RawDocument): OktaFailure => ({
  status,
  headers,
  errorCode: document["errorCode"],
  errorSummary: document["errorSummary"],
  errorCauses: document["errorCauses"],
});

function translate(error: unknown, isWrite: boolean): ProviderError {
  if (error instanceof Unsettled)
    return new ProviderError("unavailable", "Okta does not show yet what was just written.", {
      retryAfterMs: UNSETTLED_RETRY_MS,
    });
  return providerErrorOf(error, isWrite);
}

/** A read of one object that may be gone. */
export async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { readonly status?: unknown }).status === 404) return undefined;
    throw error;
  }
}
