import { expect, it } from "vitest";
import { protocolText } from "../../../cli/completion/answer.ts";
import { complete, type Names } from "../../../cli/completion/words.ts";
import { createProgram } from "../../../cli/program.ts";
import { processTerminal } from "../../../cli/terminal/terminal.ts";

const names: Names = {
  resources: async (kind) => [`${kind.toLowerCase()}-a`, `${kind.toLowerCase()}-b`],
  namespaces: async () => ["billing", "payroll"],
  contexts: () => ["staging"],
};
const program = createProgram({ terminal: processTerminal(), now: () => new Date(0), finish: () => undefined });
const completed = async (...words: readonly string[]) => {
  const { candidates } = await complete(program, words, names);
  return candidates.map(({ value }) => value);
};

it("completes commands, with their summary", async () => {
  expect(await completed("rot")).toEqual(["rotate"]);
  expect(protocolText(await complete(program, ["rot"], names))).toBe("rotate\tRequest a new credential\n:4");
});

it("completes names of clients, and nothing after the only argument", async () => {
  expect(await completed("rotate", "")).toEqual(["m2mclient-a", "m2mclient-b"]);
  expect(await completed("-n", "billing", "rotate", "--wait", "m2mclient-b")).toEqual(["m2mclient-b"]);
  expect(await completed("rotate", "m2mclient-a", "")).toEqual([]);
});

it("completes KIND/NAME in two steps, without a space after the first", async () => {
  expect(await completed("reconcile", "oauth")).toEqual(["oauthapi/"]);
  expect(protocolText(await complete(program, ["pause", "oauth"], names))).toMatch(/\n:6$/);
  expect(await completed("reconcile", "oapi/")).toEqual(["oapi/oauthapi-a", "oapi/oauthapi-b"]);
});

it("completes options and their values", async () => {
  expect(await completed("rotate", "--t")).toEqual(["--timeout"]);
  expect(await completed("rotate", "--name")).toEqual(["--namespace"]);
  expect(await completed("rotate", "--for", "")).toEqual(["in-force", "revoked"]);
  expect(await completed("rotate", "-n", "b")).toEqual(["billing"]);
  expect(await completed("--context", "")).toEqual(["staging"]);
  expect(await completed("token", "m2mclient-a", "--grant", "")).toEqual(["scopegrant-a", "scopegrant-b"]);
  expect(await completed("map", "--client", "m2mclient-b")).toEqual(["m2mclient-b"]);
  expect(await completed("map", "--api", "")).toEqual(["oauthapi-a", "oauthapi-b"]);
  expect(await completed("map", "-o", "m")).toEqual(["mermaid"]);
  expect(await completed("rotate", "--timeout", "")).toEqual([]);
});
