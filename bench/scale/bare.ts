import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Agent, type Dispatcher, request } from "undici";
import type { Plan, Step, Track } from "./plan.ts";

/**
 * The floor: sends the requests of a plan and does nothing else. It knows no watches, caches, queues or checks; it reads
 * each answer whole and parses it, as everybody must who uses one. Each line of its input says that an object was created
 * (`INDEX UID RESOURCEVERSION`), which begins that object's track. The steps of a track follow each other; so many tracks
 * run at once as the operator works on objects.
 *
 * Its last line of output is JSON: CPU in seconds, and how many answers had another status than the operator's.
 */
const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Plan;
const { ca, cert, key } = plan.kube;
// HTTP/1.1 as the operator, which has its reasons: both send the same.
const agents = {
  kube: new Agent({ allowH2: false, connections: plan.kube.connections, connect: { ca, cert, key } }),
  tenant: new Agent({ allowH2: false, connections: plan.tenant.connections, connect: { ca: plan.tenant.ca } }),
} satisfies Record<Step["to"], Dispatcher>;
const origins = { kube: plan.kube.server, tenant: plan.tenant.url } satisfies Record<Step["to"], string>;

/** Newest version of each object, by its path. */
const versions = new Map<string, string>();
let token = "";
let different = 0;

interface Answer {
  readonly access_token?: string;
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
}

async function send(step: Step, uid: string): Promise<void> {
  const { to, method, path, status } = step;
  const object = path.replace(/\?.*$/, "").replace(/\/status$/, "");
  const message = messageOf(step, uid, versions.get(object) ?? "");
  const answer = await request(origins[to] + path, { method, dispatcher: agents[to], ...message });
  const { access_token: granted, metadata } = (await answer.body.json()) as Answer;
  if (granted !== undefined) token = granted;
  if (answer.statusCode !== status) different += 1;
  if (to === "kube" && metadata?.resourceVersion !== undefined)
    versions.set(method === "POST" ? `${object}/${metadata.name ?? ""}` : object, metadata.resourceVersion);
}

function messageOf({ to, body, contentType = "application/json" }: Step, uid: string, version: string) {
  const headers = {
    accept: "application/json",
    ...(to === "tenant" ? { authorization: `Bearer ${token}` } : {}),
  };
  if (body === undefined) return { headers };
  const text = JSON.stringify(body).replaceAll("$UID", uid).replace("$VERSION", version);
  return { headers: { ...headers, "content-type": contentType }, body: text };
}

async function follow({ object, steps }: Track, uid: string, version: string): Promise<void> {
  versions.set(object, version);
  for (const step of steps) await send(step, uid);
}

const waiting: (readonly [track: Track, uid: string, version: string])[] = [];
let [running, ended] = [0, 0];

function startNext(done: () => void): void {
  while (running < plan.concurrency) {
    const next = waiting.shift();
    if (next === undefined) return;
    running += 1;
    follow(...next)
      .then(() => {
        running -= 1;
        ended += 1;
        if (ended === plan.tracks.length) done();
        else startNext(done);
      })
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  }
}

for (const step of plan.first) await send(step, "");
const before = process.cpuUsage();
console.log("ready");
await new Promise<void>((done) => {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const [index = "", uid = "", version = ""] = line.split(" ");
    const track = plan.tracks[Number(index)];
    if (track !== undefined) waiting.push([track, uid, version]);
    startNext(done);
  });
});
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1_000_000, different }));
process.exit(0);
