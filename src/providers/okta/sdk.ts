import { Client, RequestExecutor } from "@okta/okta-sdk-nodejs";
import { ConfigLoader } from "@okta/okta-sdk-nodejs/src/config-loader.js";
import type { Fetch } from "../../ports/http-transport.ts";

/** The three parts of Okta's SDK that are used. */
export type Sdk = Pick<Client, "applicationApi" | "applicationSSOPublicKeysApi" | "authorizationServerApi">;

/** The SDK's own request, which it has put headers on for a credential that it does not know. */
interface SdkRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Hands every request to our transport: no retries, no cache, no proxy and no credential of the SDK's own. */
class TransportExecutor extends RequestExecutor {
  readonly #send: Fetch;

  constructor(send: Fetch) {
    super();
    this.#send = send;
  }

  override async fetch(request: unknown): Promise<Response> {
    const { url, method = "GET", headers = {}, body } = request as SdkRequest;
    return this.#send(url, {
      method: method.toUpperCase(),
      headers: { ...headers },
      ...(typeof body === "string" ? { body } : {}),
    });
  }
}

/**
 * The SDK fills in what is not said from `okta.yaml` in the current folder, `~/.okta/okta.yaml` and the environment, and
 * throws where such a file is something else, such as an export of this operator's plugin.
 */
ConfigLoader.prototype.applyDefaults = () => undefined;

/** Everything is said. */
export function createSdk(orgUrl: string, send: Fetch): Sdk {
  return new Client({
    orgUrl,
    authorizationMode: "SSWS",
    token: "set-by-the-transport",
    cacheMiddleware: null,
    requestExecutor: new TransportExecutor(send),
  });
}
