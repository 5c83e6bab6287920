import { TransportError } from "../ports/http-transport.ts";

/** No connection came about, so that no byte of a request was written. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";

  constructor(cause: Error) {
    super("no connection", { cause });
  }
}

/**
 * Codes that say the same through a proxy, where the connector is not ours: name, route, or our own judgement of the
 * certificate, which comes before the first byte. An alert of the other side (`ERR_SSL_…`) may come after it.
 */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "EPRIVATE",
]);

/** OpenSSL's names for what is wrong with a certificate, and Node's own for the wrong name in it. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_)/;

const isUnsent = (code: string): boolean => NOT_SENT.has(code) || CERTIFICATE.test(code);

/** What it means that nothing usable came back. `isAnswered`: the head of an answer was there. */
export function transportErrorOf(error: unknown, isTimeout: boolean, isAnswered: boolean): TransportError {
  if (error instanceof TransportError) return error;
  const causes = causesOf(error);
  const code = firstCodeOf(causes);
  const isConnect = causes.some((cause) => cause instanceof ConnectError);
  const options = { sent: isAnswered || !(isConnect || isUnsent(code)), cause: error };
  if (isTimeout && !isConnect)
    return new TransportError("timeout", "no complete answer in time", { ...options, sent: true });
  if (error instanceof Error && error.name === "AbortError")
    return new TransportError("aborted", "the work was given up", options);
  if (code === "EPRIVATE") {
    const message = "the host's address is not public; --allow-private-addresses permits that";
    return new TransportError("refused_host", message, options);
  }
  const what = CERTIFICATE.test(code)
    ? "the certificate was not accepted; spec.caBundle adds authorities"
    : "the connection failed";
  return new TransportError("network", code === "" ? what : `${what} (${code})`, options);
}

function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = [];
  for (let current = error; current instanceof Error; current = current.cause) causes.push(current);
  return causes;
}

function firstCodeOf(errors: readonly Error[]): string {
  const codes = errors.map((error) => (error as Error & { readonly code?: unknown }).code);
  return codes.find((code) => typeof code === "string") ?? "";
}
