import { parseArgs } from "node:util";
import type { WorkloadAccess } from "./workload/values.ts";

export const USAGE = `usage: m2m-sandbox [--dir DIR] [--setup-port PORT] [options]

Simulates an Auth0 tenant and an Okta org over HTTPS, until it is interrupted. At least one of these is needed:
  --dir DIR          folder for ca.pem, sandbox.json and, with --audience, the folders auth0 and okta
  --setup-port PORT  plain HTTP server with /healthz, /ca.pem and, with --audience, /auth0.json and /okta.json

Options:
  --audience URL     creates an API with this audience, and a client, at both
  --scopes "A B"     scopes of the API that the client may request
  --port PORT        HTTPS port. Default: a free one
  --host NAME        host name in URLs and in the certificate. Default: localhost
  --listen ADDRESS   address to listen at. Default: 127.0.0.1
  --help             prints this text

Each option is also an environment variable, such as M2M_SANDBOX_SETUP_PORT. A flag wins.`;

export interface CommandLine {
  readonly dir: string | undefined;
  readonly setupPort: number | undefined;
  readonly port: number;
  readonly host: string;
  readonly listen: string;
  /** Absent: no API and no client are created. */
  readonly access: WorkloadAccess | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What flags and environment say, or what is wrong with them. */
export function readCommandLine(
  args: readonly string[],
  env: Environment,
): CommandLine | "help" | { readonly problem: string } {
  try {
    return judged(parsed(args, env));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "the flags cannot be read" };
  }
}

type Flags = ReturnType<typeof parsed>;

const textOf = (flags: Flags, name: (typeof TEXTS)[number]): string | undefined => {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
};

const TEXTS = ["dir", "setup-port", "audience", "scopes", "port", "host", "listen"] as const;

function parsed(args: readonly string[], env: Environment): Readonly<Record<string, string | boolean | undefined>> {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ args: [...args], options: { ...texts, help: { type: "boolean", default: false } } });
  const given = TEXTS.map((name) => [name, env[`M2M_SANDBOX_${name.toUpperCase().replace("-", "_")}`]] as const);
  const fromEnvironment = Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ""));
  return { ...fromEnvironment, ...values };
}

function judged(flags: Flags): CommandLine | "help" {
  if (flags["help"] === true) return "help";
  const [dir, setupPort] = [textOf(flags, "dir"), portOf("setup-port", textOf(flags, "setup-port"))];
  if (dir === undefined && setupPort === undefined) throw new Error("--dir or --setup-port is needed");
  return {
    ...{ dir, setupPort },
    port: portOf("port", textOf(flags, "port")) ?? 0,
    host: textOf(flags, "host") ?? "localhost",
    listen: textOf(flags, "listen") ?? "127.0.0.1",
    access: accessOf(textOf(flags, "audience"), textOf(flags, "scopes") ?? ""),
  };
}

function accessOf(audience: string | undefined, text: string): WorkloadAccess | undefined {
  const scopes = text.split(/[\s,]+/).filter((name) => name !== "");
  if (audience === undefined && scopes.length > 0) throw new Error("--scopes needs --audience");
  if (audience !== undefined && scopes.length === 0) throw new Error("--audience needs --scopes");
  return audience === undefined ? undefined : { audience, scopes };
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new Error(`--${name} must be a port number`);
  return port;
}
