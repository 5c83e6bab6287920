import { rootCertificates } from "node:tls";
import { EnvHttpProxyAgent, fetch } from "undici";
import type { Fetch } from "../../src/ports/http-transport.ts";
import { TransportError } from "../../src/ports/http-transport.ts";

/** Requests to a tenant, through the proxy of the environment where there is one. */
export interface TenantHttp {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

const TIMEOUT_MS = 20_000;

/** `ca`: certificates in PEM that are trusted beside the usual ones. */
export function tenantHttp(ca: string | undefined): TenantHttp {
  const tls = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const agent = new EnvHttpProxyAgent({ connect: tls, requestTls: tls });
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const options = { ...init, dispatcher: agent, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) };
    try {
      return await fetch(url, options as Parameters<typeof fetch>[1]);
    } catch (cause) {
      throw new TransportError("network", whyOf(cause), { sent: true, cause });
    }
  };
  return {
    fetch: (input, init) => send(input instanceof Request ? input.url : String(input), init),
    close: () => agent.destroy(),
  };
}

/** The innermost cause says what went wrong, for example the certificate. */
function whyOf(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : "no answer";
}
