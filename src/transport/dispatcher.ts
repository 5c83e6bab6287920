import { lookup as dnsLookup, type LookupOptions } from "node:dns";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { TransportError } from "../ports/http-transport.ts";
import { isPublicAddress } from "./public-address.ts";
import { ConnectError } from "./transport-error.ts";

export interface DispatcherOptions {
  readonly allowPrivateAddresses: boolean;
  /** PEM certificates beside the system's roots. */
  readonly caBundle?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  readonly timeoutMs: number;
  /**
   * Asked in the moment in which a request is written to its connection, however long it waited for one. What may not go
   * any more is rejected with `aborted`, and not sent. Default: each may go.
   */
  readonly mayGo?: () => boolean;
}

/** Connections to one tenant, with the rules about addresses, certificates and time. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { mayGo } = options;
  const dispatcher = unguardedDispatcher(options);
  if (mayGo === undefined) return dispatcher;
  return dispatcher.compose((dispatch) => (request, handler) => dispatch(request, guarded(handler, mayGo)));
}

/** undici calls `onRequestStart` right before it writes the request, and writes none when that throws. */
function guarded(handler: Dispatcher.DispatchHandler, mayGo: () => boolean): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...about) => {
      if (!mayGo()) throw new TransportError("aborted", "this process no longer works on the tenant", { sent: false });
      handler.onRequestStart?.(...about);
    },
    onRequestUpgrade: (...about) => handler.onRequestUpgrade?.(...about),
    onResponseStart: (...about) => handler.onResponseStart?.(...about),
    onResponseData: (...about) => handler.onResponseData?.(...about),
    onResponseEnd: (...about) => handler.onResponseEnd?.(...about),
    onResponseError: (...about) => handler.onResponseError?.(...about),
  };
}

function unguardedDispatcher(options: DispatcherOptions): Dispatcher {
  const { caBundle, httpsProxy, noProxy, allowPrivateAddresses, timeoutMs } = options;
  const tls = {
    timeout: Math.min(10_000, timeoutMs),
    ...(caBundle === undefined ? {} : trusting([...rootCertificates, caBundle])),
    ...(allowPrivateAddresses ? {} : { lookup: publicLookup }),
  };
  const common = { connections: 16, allowH2: false, headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const connect = connecting(buildConnector({ ...tls, allowH2: false }));
  if (httpsProxy === undefined) return new Agent({ ...common, connect });
  return new EnvHttpProxyAgent({
    ...common,
    httpsProxy,
    ...(noProxy === undefined ? {} : { noProxy }),
    requestTls: tls,
    connect,
  });
}

/**
 * The authorities are read once, and not again for every connection: that takes ten milliseconds and a megabyte. A bundle
 * that cannot be read fails with the first connection.
 */
function trusting(ca: readonly string[]): { readonly ca: string[]; readonly secureContext?: SecureContext } {
  const all = [...ca];
  try {
    return { ca: all, secureContext: createSecureContext({ ca: all }) };
  } catch {
    return { ca: all };
  }
}

/** Marks what fails before a connection is there, the TLS handshake included: no request was written to it. */
function connecting(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(new ConnectError(error), null);
    });
  };
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: never, family?: number) => void;

/** Resolves and judges in one step, so that a name cannot point elsewhere between the two. */
function publicLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  dnsLookup(hostname, options, (error, address, family) => {
    const addresses = Array.isArray(address) ? address.map((entry) => entry.address) : [address];
    const isPublic = error !== null || addresses.every(isPublicAddress);
    const refusal = Object.assign(new Error("not a public address"), { code: "EPRIVATE" });
    callback(isPublic ? error : refusal, address as never, family);
  });
}
