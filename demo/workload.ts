import { readFileSync } from "node:fs";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { Agent, fetch } from "undici";
import type { Connection } from "../src/kube/connection.ts";
import { curl, describe } from "./curl.ts";
import { type Document, read } from "./environment.ts";
import { startExampleApi } from "./example-api.ts";
import type { Guide } from "./guides.ts";

export interface WorkloadDemo {
  readonly connection: Connection;
  /** Authority of the tenant's certificate, in PEM. */
  readonly caFile: string;
  readonly dir: string;
  readonly namespace: string;
  readonly guide: Guide;
  readonly say: (line: string) => void;
  readonly step: (line: string) => void;
}

/** What the import job does with nothing but its Secret, and what the API does with nothing but its ConfigMap. */
export async function showWorkload(demo: WorkloadDemo): Promise<void> {
  const { say, step } = demo;
  const secret = await secretOf(demo.connection, demo.namespace, "timesheet-importer-oauth");
  step("The Secret that the job mounts has these keys (values are not shown)");
  say(`  ${Object.keys(secret).sort().join(", ")}`);
  step("The job asks for a token, as the guides' curl does");
  await showApi(demo, await showToken(demo, secret));
  step("A scope that was not granted is refused by the tenant");
  const [request] = demo.guide(secret, "approve:timesheets");
  if (request === undefined) throw new Error("no guide says how to ask");
  const refused = await curl(demo.dir, demo.caFile, request);
  say(`  ${describe(refused)}`);
  if (refused.access_token !== undefined) throw new Error("a scope that was not granted was given");
}

/** Every way that the guides know; the last one's token. */
async function showToken(
  { dir, caFile, guide, say }: WorkloadDemo,
  secret: Readonly<Record<string, string>>,
): Promise<string> {
  let token: string | undefined;
  for (const request of guide(secret, secret["scopes"] ?? "")) {
    const answer = await curl(dir, caFile, request);
    say(`  ${request.way}: ${describe(answer)}`);
    token = answer.access_token;
    if (token === undefined) throw new Error("no token came back");
  }
  if (token === undefined) throw new Error("no guide says how to ask");
  const { iss, aud, scope, scp, exp = 0, iat = 0 } = decodeJwt<{ scope?: string; scp?: string[] }>(token);
  say(`  Header of the token: ${JSON.stringify(decodeProtectedHeader(token))}`);
  say(`  Claims of the token: ${JSON.stringify({ iss, aud, scope, scp, lifetime: `${String(exp - iat)} s` })}`);
  return token;
}

async function showApi({ connection, namespace, caFile, say, step }: WorkloadDemo, token: string): Promise<void> {
  step("The API checks it with what its ConfigMap says");
  const {
    issuer = "",
    audience = "",
    jwks_uri = "",
  } = (await published(connection, "ConfigMap", namespace, "timesheets-oauth")).data ?? {};
  const trust = new Agent({ connect: { ca: readFileSync(caFile) } });
  const api = await startExampleApi({ issuer, audience, jwks_uri }, trust);
  const caller = new Agent({ connect: { ca: api.caPem } });
  const call = async (path: string, sent: string): Promise<string> => {
    const answer = await fetch(api.url + path, { dispatcher: caller, headers: { authorization: `Bearer ${sent}` } });
    return `${String(answer.status)} ${await answer.text()}`;
  };
  say(`  POST /upload: ${await call("/upload", token)}`);
  say(`  POST /approve: ${await call("/approve", token)}`);
  say(`  POST /upload without a good token: ${await call("/upload", "not-a-token")}`);
  await Promise.all([api.close(), trust.close(), caller.close()]);
}

async function published(connection: Connection, kind: string, namespace: string, name: string): Promise<Document> {
  const found = await read(connection, { apiVersion: "v1", kind, metadata: { name, namespace } });
  if (found === undefined) throw new Error(`${kind} ${name} was not published`);
  return found;
}

export async function secretOf(
  connection: Connection,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const { data = {} } = await published(connection, "Secret", namespace, name);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}
