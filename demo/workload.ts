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
  step("Keys of the Secret that the job mounts (the demo does not show values)");
  say(`  ${Object.keys(secret).sort().join(", ")}`);
  step("The job requests a token with curl, as in the guides");
  await showApi(demo, await showToken(demo, secret));
  step("The tenant refuses a scope that was not granted");
  const [request] = demo.guide(secret, "approve:timesheets");
  if (request === undefined) throw new Error("the guide has no request");
  const refused = await curl(demo.dir, demo.caFile, request);
  say(`  ${describe(refused)}`);
  if (refused.access_token !== undefined) throw new Error("a scope that was not granted was given");
}

/** "alg RS256, typ JWT". */
export const shown = (members: object): string =>
  Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" ") : String(value)}`)
    .join(", ");

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
  if (token === undefined) throw new Error("the guide has no request");
  const { iss, aud, scope, scp, exp = 0, iat = 0 } = decodeJwt<{ scope?: string; scp?: string[] }>(token);
  say(`  Token header: ${shown(decodeProtectedHeader(token))}`);
  say(`  Token claims: ${shown({ iss, aud, scope, scp })}, valid for ${String(exp - iat)} s`);
  return token;
}

async function showApi({ connection, namespace, caFile, say, step }: WorkloadDemo, token: string): Promise<void> {
  step("The API checks the token with the issuer, audience and keys that its ConfigMap names");
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
  say(`  POST /upload with an invalid token: ${await call("/upload", "not-a-token")}`);
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
