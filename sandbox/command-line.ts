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
  --help             prints this text`;

export interface CommandLine {
  readonly dir: string | undefined;
  readonly setupPort: number | undefined;
  readonly port: number;
  readonly host: string;
  readonly listen: string;
  /** Absent: no API and no client are created. */
  readonly access: WorkloadAccess | undefined;
}

/** What the flags say; a text is what is wrong with them. */
export function readCommandLine(args: readonly string[]): CommandLine | "help" | { readonly problem: string } {
  try {
    return judged(parsed(args));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "the flags cannot be read" };
  }
}

type Flags = ReturnType<typeof parsed>;

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ dir: text, "setup-port": text, audience: text, scopes: text, port: text },
      host: { type: "string", default: "localhost" },
      listen: { type: "string", default: "127.0.0.1" },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

function judged(flags: Flags): CommandLine | "help" {
  if (flags.help) return "help";
  const { dir, host, listen, audience, scopes = "" } = flags;
  if (dir === undefined && flags["setup-port"] === undefined) throw new Error("--dir or --setup-port is needed");
  if (audience === undefined && scopes !== "") throw new Error("--scopes needs --audience");
  const names = scopes.split(/[\s,]+/).filter((name) => name !== "");
  if (audience !== undefined && names.length === 0) throw new Error("--audience needs --scopes");
  return {
    ...{ dir, host, listen },
    port: portOf("port", flags.port) ?? 0,
    setupPort: portOf("setup-port", flags["setup-port"]),
    access: audience === undefined ? undefined : { audience, scopes: names },
  };
}

function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new Error(`--${name} must be a port number`);
  return port;
}
