import { refusedOnce } from "../../oauth/refused-once.ts";
import type { Fetch } from "../../ports/http-transport.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { UNSETTLED_RETRY_MS, Unsettled } from "../../tenant/listing.ts";
import { isId } from "../answers.ts";
import { type KeycloakFailure, providerErrorOf } from "./errors.ts";
import type { KeycloakSettings } from "./settings.ts";
import type { TokenSource } from "./token-source.ts";

/** Requests to the Admin REST API: errors come out translated, and a token that was refused is replaced once. */
export interface Session {
  /** Paths begin after the realm. What comes back was checked by `answers.ts`. */
  get<T>(path: string): Promise<T>;
  /** `undefined` when there is none. */
  find<T>(path: string): Promise<T | undefined>;
  /** Returns the new object's id. */
  create(path: string, body: object): Promise<string>;
  change(path: string, body?: object): Promise<void>;
  /** Succeeds when Keycloak says that it is gone already. */
  remove(path: string): Promise<void>;
  /** Outside of the realm. */
  server<T>(path: string): Promise<T>;
  /** Runs a read that may throw `Unsettled`. */
  read<T>(call: () => Promise<T>): Promise<T>;
}

export function createSession(settings: KeycloakSettings, send: Fetch, tokens: TokenSource): Session {
  const run = refusedOnce((error, isWrite) => translate(error, isWrite, tokens.clientId()), tokens);
  const admin = `${settings.url}/admin`;
  const realm = `${admin}/realms/${encodeURIComponent(settings.realm)}`;
  const request = async (method: string, url: string, body?: object): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${await tokens.token()}`,
      accept: "application/json",
      "content-type": "application/json",
    };
    const response = await send(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await failureOf(response);
    return response;
  };
  const read = async <T>(url: string): Promise<T> => (await (await request("GET", url)).json()) as T;
  return {
    get: (path) => run(() => read(`${realm}${path}`), false),
    find: (path) => run(() => orUndefined(read(`${realm}${path}`)), false),
    create: (path, body) => run(async () => idIn(await request("POST", `${realm}${path}`, body)), true),
    change: (path, body) => run(async () => void (await request("PUT", `${realm}${path}`, body)), true),
    remove: (path) => run(async () => void (await orUndefined(request("DELETE", `${realm}${path}`))), true),
    server: (path) => run(() => read(`${admin}${path}`), false),
    read: (call) => run(call, false),
  };
}

/** Keycloak names what it created in the header alone. */
function idIn({ headers }: Response): string {
  const id = decodeURIComponent(headers.get("location")?.split("/").at(-1) ?? "");
  if (isId(id)) return id;
  throw new ProviderError("ambiguous", "Keycloak did not say what it created.");
}

async function failureOf(response: Response): Promise<Error> {
  const document = (await response.json().catch(() => ({}))) as KeycloakFailure;
  const { error, error_description, errorMessage } = document;
  const { status, headers } = response;
  return Object.assign(new Error("refused"), { error, error_description, errorMessage, status, headers });
}

function translate(error: unknown, isWrite: boolean, clientId: string): ProviderError {
  if (error instanceof Unsettled)
    return new ProviderError("unavailable", "Keycloak does not show yet what was just written.", {
      retryAfterMs: UNSETTLED_RETRY_MS,
    });
  return providerErrorOf(error, isWrite, clientId);
}

/** A read or a removal of one object that may be gone. */
async function orUndefined<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if ((error as { readonly status?: unknown }).status === 404) return undefined;
    throw error;
  }
}
