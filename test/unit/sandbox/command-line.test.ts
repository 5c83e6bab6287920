import { expect, it } from "vitest";
import { readCommandLine } from "../../../sandbox/command-line.ts";

const DEFAULTS = { setupPort: undefined, port: 0, host: "localhost", listen: "127.0.0.1", access: undefined };

it("a folder is enough", () => {
  expect(readCommandLine(["--dir", "here"], {})).toEqual({ ...DEFAULTS, dir: "here" });
});

it("each flag can be an environment variable, and the flag wins", () => {
  const env = { M2M_SANDBOX_SETUP_PORT: "8080", M2M_SANDBOX_AUDIENCE: "https://a/", M2M_SANDBOX_SCOPES: "read write" };
  const access = { audience: "https://a/", scopes: ["read", "write"] };
  expect(readCommandLine([], env)).toEqual({ ...DEFAULTS, dir: undefined, setupPort: 8080, access });
  expect(readCommandLine(["--setup-port", "0"], env)).toMatchObject({ setupPort: 0 });
});

it("of a flag that is given twice, the last counts", () => {
  expect(readCommandLine(["--dir", "x", "--port", "8443", "--port", "0"], {})).toMatchObject({ port: 0 });
});

it.each([
  [["--audience", "https://a/", "--scopes", "read"], "--dir or --setup-port is needed"],
  [["--dir", "x", "--audience", "https://a/"], "--audience needs --scopes"],
  [["--dir", "x", "--scopes", "read"], "--scopes needs --audience"],
  [["--dir", "x", "--port", "70000"], "--port must be a port number"],
  [["--dir", "x", "--setup-port", "http"], "--setup-port must be a port number"],
])("%j is refused: %s", (args, problem) => {
  expect(readCommandLine(args, {})).toEqual({ problem });
});

it("a flag that does not exist is refused, and --help asks for the usage", () => {
  expect(readCommandLine(["--dirr", "x"], {})).toMatchObject({ problem: expect.stringContaining("--dirr") as string });
  expect(readCommandLine(["--help"], {})).toBe("help");
});
