import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";
import { ROOT } from "../../demo/environment.ts";
import type { Call } from "../../sandbox/call-log.ts";
import type { Sandbox } from "../../sandbox/start.ts";

/** The simulated tenants as a process of their own, so that what they compute is nobody else's. */
export interface SandboxProcess extends Pick<Sandbox, "auth0" | "okta" | "caPem"> {
  readonly pid: number;
  /** What was called since the call with this number; 0 is before the first. */
  calls(since: number): Promise<readonly Call[]>;
  setLatency(ms: number): Promise<void>;
  clients(): Promise<readonly { readonly name: string; readonly client_id: string }[]>;
  stop(): Promise<void>;
}

export async function startSandboxProcess(dir: string): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [join(ROOT, "sandbox/main.ts"), "--dir", dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  await started(child);
  const { auth0, okta, admin } = JSON.parse(readFileSync(join(dir, "sandbox.json"), "utf8")) as Sandbox;
  const caPem = readFileSync(join(dir, "ca.pem"), "utf8");
  const dispatcher = new Agent({ connect: { ca: caPem }, connections: 1 });
  const ask = async (method: "GET" | "PUT", path: string, body?: object): Promise<unknown> => {
    const message = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { "content-type": "application/json" };
    const answer = await request(`${admin.url}${path}`, { method, headers, dispatcher, ...message });
    return answer.body.json();
  };
  await ask("PUT", "/plan/auth0", { name: "unlimited" });
  return {
    ...{ auth0, okta, caPem, pid: child.pid ?? 0 },
    calls: async (since) => (await ask("GET", `/calls?since=${String(since)}`)) as readonly Call[],
    setLatency: async (latencyMs) => {
      await ask("PUT", "/knobs/auth0", { latencyMs });
    },
    clients: async () => {
      const { clients } = (await ask("GET", "/state/auth0")) as {
        readonly clients: readonly { readonly name: string; readonly client_id: string }[];
      };
      return clients;
    },
    stop: async () => {
      await dispatcher.close();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The line with which it says where its files are. */
function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", () => {
      resolve();
    });
    child.once("exit", () => {
      reject(new Error("the simulated tenants ended at once"));
    });
  });
}
