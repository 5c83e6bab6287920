import { expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../src/config.ts";
import { parseListenAddress } from "../../../src/telemetry/listen-address.ts";

it.each([
  ["0.0.0.0:8080", { host: "0.0.0.0", port: 8080 }],
  ["[::]:8080", { host: "::", port: 8080 }],
  [":8080", { host: undefined, port: 8080 }],
  ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["[::1]:8080", { host: "::1", port: 8080 }],
  ["[fe80::1%eth0]:8080", { host: "fe80::1%eth0", port: 8080 }],
  ["localhost:65535", { host: "localhost", port: 65_535 }],
])("%s", (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});

it.each([
  ...["", "8080", ":", "127.0.0.1", "127.0.0.1:", ":65536", ":-1", ":1e3", ":08080x", "::1:8080", ":::8080", "[::1]"],
  ...["[127.0.0.1]:8080", "[localhost]:8080", "[]:8080", "[::1:8080", "::1]:8080", "999.0.0.1:8080", "1.2.3:8080"],
  ...["http://127.0.0.1:8080", "a b:8080", "host/path:8080", "user@host:8080"],
])("refuses %o at the start, with the flag and an example", (text) => {
  expect(parseListenAddress(text)).toBeUndefined();
  const load = () => loadConfig(["--instance-id", "a", "--http-address", text], {});
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/--http-address .*host:port.*\[::1\]:8080/);
});

it("by default every address of the host is listened at", () => {
  expect(loadConfig(["--instance-id", "a"], {}).httpAddress).toEqual({ host: undefined, port: 8080 });
});
