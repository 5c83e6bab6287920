import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../integration/control-plane.ts";
import { operatorProgram } from "../integration/programs.ts";
import { eventually } from "../integration/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../integration/kube/fault-proxy.ts";
import { rememberedProcess } from "../integration/running-operators.ts";
import { createWorld, type World } from "./world.ts";

// Real processes with the times that everybody has by default.
let world: World;
let proxy: FaultProxy;
const processes: Process[] = [];

interface Line {
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}
interface Process {
  readonly child: ChildProcess;
  readonly lines: Line[];
  /** When it ended, and with what exit code. */
  readonly ended: Promise<{ readonly at: number; readonly code: number | null }>;
}

beforeAll(async () => {
  world = await createWorld();
  await world.stopOperator();
  proxy = await startFaultProxy(controlPlane().operatorKubeconfigs.cluster);
});
afterAll(async () => {
  for (const { child, ended } of processes) {
    child.kill("SIGKILL");
    await ended;
  }
  await proxy.close();
  await world.end();
});

function start(kubeconfig: string): Process {
  const args = [
    ...["--instance-id", world.provider, "--namespace", world.systemNamespace, "--kubeconfig", kubeconfig],
    ...["--http-address", "127.0.0.1:0", "--allowed-hosts", world.sandbox.auth0.domain],
    ...["--allow-private-addresses", "true", "--log-level", "debug"],
  ];
  const child = rememberedProcess(
    spawn(process.execPath, [operatorProgram(), ...args], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  const lines: Line[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const parts = `${rest}${String(chunk)}`.split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((line) => JSON.parse(line) as Line));
  });
  const ended = new Promise<{ at: number; code: number | null }>((resolve) =>
    child.once("exit", (code) => {
      resolve({ at: Date.now(), code });
    }),
  );
  processes.push({ child, lines, ended });
  return { child, lines, ended };
}

const lineOf = ({ lines }: Process, msg: string): Line | undefined => lines.find((line) => line.msg === msg);
const says = async (process: Process, msg: string, withinMs = 20_000): Promise<number> => {
  const line = await eventually(
    () => lineOf(process, msg),
    (found) => found !== undefined,
    `"${msg}"`,
    withinMs,
  );
  return Date.parse(line?.time ?? "");
};

/** The one that waits is scraped too: it has seen the clients, and has no key to prove their status with. */
async function tellsMetricsWithoutLease(process: Process): Promise<void> {
  const port = String(lineOf(process, "caches are filled")?.["port"]);
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("leader_election_master_status");
}

it("of two processes never two work at once, also when the leader's API server hangs, and nothing is lost or doubled", async () => {
  const first = start(proxy.kubeconfig);
  await says(first, "lease acquired");
  const second = start(controlPlane().operatorKubeconfigs.cluster);
  await says(second, "started");
  const ns = await world.namespace();
  await world.client(ns, "before");
  await world.ready("M2MClient", ns, "before");
  await tellsMetricsWithoutLease(second);

  // In the middle of work: the tenant is slow, and what comes of it cannot be written any more.
  world.sandbox.tenant.knobs.latencyMs = 300;
  for (let i = 0; i < 6; i++) await world.client(ns, `during-${String(i)}`, { displayName: `${ns} ${String(i)}` });
  await eventually(
    () => first.lines.filter(({ action }) => action === "createClient").length,
    (count) => count > 1,
    "creates under way",
  );
  proxy.freeze();
  const frozenAt = Date.now();
  const { at: endedAt, code } = await first.ended;
  const takenAt = await says(second, "lease acquired", 25_000);
  expect(code).toBe(1);
  expect(endedAt - frozenAt).toBeLessThan(11_000);
  expect(takenAt - endedAt).toBeGreaterThan(2000);
  expect(lineOf(first, "lease lost")).toMatchObject({ why: "deadline" });
  proxy.thaw();

  world.sandbox.tenant.knobs.latencyMs = 0;
  for (let i = 0; i < 6; i++) await world.ready("M2MClient", ns, `during-${String(i)}`);
  const names = [...world.sandbox.tenant.state.clients.values()]
    .map(({ name }) => String(name))
    .filter((name) => name.startsWith(ns));
  expect(names.toSorted()).toEqual(Array.from({ length: 6 }, (_, i) => `${ns} ${String(i)}`));
}, 120_000);

it("a leader that is told to stop hands over in seconds, after its work has ended", async () => {
  const [, leader] = processes;
  if (leader === undefined) throw new Error("nobody leads");
  const next = start(proxy.kubeconfig);
  await says(next, "started");
  leader.child.kill("SIGTERM");
  const askedAt = Date.now();
  const takenAt = await says(next, "lease acquired");
  expect((await leader.ended).code).toBe(0);
  expect(takenAt - askedAt).toBeLessThan(6000);
  next.child.kill("SIGTERM");
  expect((await next.ended).code).toBe(0);
});
