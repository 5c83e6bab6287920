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

/** Codes with which undici ends what is under way when we close the connections. */
const CLOSED_BY_US = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);

/** What it means that nothing usable came back from this host. `isAnswered`: the head of an answer was there. */
export function transportErrorOf(
  error: unknown,
  { host, isTimeout, isAnswered }: { readonly host: string; readonly isTimeout: boolean; readonly isAnswered: boolean },
): TransportError {
  if (error instanceof TransportError) return error;
  const causes = causesOf(error);
  const code = firstCodeOf(causes);
  const isConnect = causes.some((cause) => cause instanceof ConnectError);
  const options = { sent: isAnswered || !(isConnect || isUnsent(code)), cause: error };
  if (isTimeout && !isConnect)
    return new TransportError("timeout", `no complete answer from ${host} in time`, { ...options, sent: true });
  if (CLOSED_BY_US.has(code)) return new TransportError("closed", "the operator closed the connection", options);
  if (error instanceof Error && error.name === "AbortError")
    return new TransportError("aborted", "the operator stopped the work", options);
  if (code === "EPRIVATE") {
    const message = `the address of ${host} is not public: start the operator with --allow-private-addresses to allow it`;
    return new TransportError("refused_host", message, options);
  }
  return new TransportError("network", networkText(host, code), options);
}

function networkText(host: string, code: string): string {
  const suffix = code === "" ? "" : ` (${code})`;
  if (CERTIFICATE.test(code))
    return `the certificate of ${host} was not accepted${suffix}: add its certificate authority to spec.caBundle`;
  if (code === "ENOTFOUND")
    return `the host ${host} was not found${suffix}: check DNS, or create the provider object again with the correct host`;
  return `the connection to ${host} failed${suffix}`;
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
