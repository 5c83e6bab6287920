import { expect, it } from "vitest";
import { ConnectError, transportErrorOf } from "../../../src/transport/transport-error.ts";

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const failed = (cause: Error): Error => new TypeError("fetch failed", { cause });

const errorOf = (error: unknown, isTimeout: boolean, isAnswered: boolean) =>
  transportErrorOf(error, { host: "acme.example.com", isTimeout, isAnswered });

it.each([
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
  ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR"],
  ["EPROTO"],
  ["ECONNRESET"],
  ["UND_ERR_SOCKET"],
  ["UND_ERR_HEADERS_TIMEOUT"],
])("%s may come after the request was sent, unless there was no connection", (code) => {
  expect(errorOf(failed(withCode(code)), false, false).sent).toBe(true);
  expect(errorOf(failed(new ConnectError(withCode(code))), false, false).sent).toBe(false);
});

it.each([
  ["ENOTFOUND"],
  ["ECONNREFUSED"],
  ["UND_ERR_CONNECT_TIMEOUT"],
  ["CERT_HAS_EXPIRED"],
  ["ERR_TLS_CERT_ALTNAME_INVALID"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
])("%s comes before anything is sent, also through a proxy", (code) => {
  expect(errorOf(failed(withCode(code)), false, false).sent).toBe(false);
  expect(errorOf(failed(withCode(code)), false, true).sent).toBe(true);
});

it("a time limit that ends while the connection is made means that nothing was sent", () => {
  const refused = failed(new ConnectError(withCode("UND_ERR_CONNECT_TIMEOUT")));
  expect(errorOf(refused, true, false)).toMatchObject({ reason: "network", sent: false });
  expect(errorOf(new DOMException("late", "TimeoutError"), true, false).sent).toBe(true);
});

it.each([
  [
    "ENOTFOUND",
    "the host acme.example.com was not found (ENOTFOUND): check DNS, or create the provider object again with the correct host",
  ],
  ["ECONNREFUSED", "the connection to acme.example.com failed (ECONNREFUSED)"],
  [
    "CERT_HAS_EXPIRED",
    "the certificate of acme.example.com was not accepted (CERT_HAS_EXPIRED): add its certificate authority to spec.caBundle",
  ],
])("%s is told with the host", (code, message) => {
  expect(errorOf(failed(withCode(code)), false, false).message).toBe(message);
});

it.each([["UND_ERR_DESTROYED"], ["UND_ERR_CLOSED"]])("%s is our own doing", (code) => {
  expect(errorOf(failed(withCode(code)), false, false).reason).toBe("closed");
});
