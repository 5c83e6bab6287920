import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { Agent, fetch } from "undici";
import type { Sandbox } from "../sandbox/start.ts";
import type { Connection } from "../src/kube/connection.ts";
import { type Document, read } from "./environment.ts";
import { startExampleApi } from "./example-api.ts";

export interface WorkloadDemo {
  readonly connection: Connection;
  readonly sandbox: Sandbox;
  readonly dir: string;
  readonly say: (line: string) => void;
  readonly step: (line: string) => void;
}

interface TokenAnswer {
  readonly access_token?: string;
  readonly scope?: string;
  readonly expires_in?: number;
  readonly error?: string;
  readonly error_description?: string;
}

/** What the import job does with nothing but its Secret, and what the API does with nothing but its ConfigMap. */
export async function showWorkload(demo: WorkloadDemo): Promise<void> {
  const { say, step, dir } = demo;
  const secret = decoded(await published(demo.connection, "Secret", "timesheet-importer-oauth"));
  step("The Secret that the job mounts has these keys (values are not shown)");
  say(`  ${Object.keys(secret).sort().join(", ")}`);
  const { client_id = "", client_secret = "", audience = "", token_endpoint: endpoint = "" } = secret;
  const parameters = { grant_type: "client_credentials", client_id, client_secret, audience };
  await showApi(demo, await showToken(demo, endpoint, parameters));
  step("A scope that was not granted is refused by the tenant");
  const refused = await curl(dir, endpoint, JSON_TYPE, JSON.stringify({ ...parameters, scope: "approve:timesheets" }));
  say(`  ${describe(refused)}`);
  if (refused.access_token !== undefined) throw new Error("a scope that was not granted was given");
}

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

async function showToken(
  { dir, say, step }: WorkloadDemo,
  endpoint: string,
  parameters: Record<string, string>,
): Promise<string> {
  step("The job asks for a token, as the guides' curl does: JSON body, then form body");
  const byJson = await curl(dir, endpoint, JSON_TYPE, JSON.stringify(parameters));
  const byForm = await curl(dir, endpoint, FORM_TYPE, new URLSearchParams(parameters).toString());
  say(`  JSON: ${describe(byJson)}`);
  say(`  form: ${describe(byForm)}`);
  const token = byForm.access_token;
  if (token === undefined || byJson.access_token === undefined) throw new Error("no token came back");
  const { iss, aud, scope, exp = 0, iat = 0 } = decodeJwt<{ scope?: string }>(token);
  say(`  ${JSON.stringify(decodeProtectedHeader(token))}`);
  say(`  ${JSON.stringify({ iss, aud, scope, lifetime: `${String(exp - iat)} s` })}`);
  return token;
}

async function showApi({ connection, sandbox, say, step }: WorkloadDemo, token: string): Promise<void> {
  step("The API checks it with what its ConfigMap says");
  const {
    issuer = "",
    audience = "",
    jwks_uri = "",
  } = (await published(connection, "ConfigMap", "timesheets-oauth")).data ?? {};
  const trust = new Agent({ connect: { ca: sandbox.caPem } });
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

async function published(connection: Connection, kind: string, name: string): Promise<Document> {
  const found = await read(connection, { apiVersion: "v1", kind, metadata: { name, namespace: "payroll" } });
  if (found === undefined) throw new Error(`${kind} ${name} was not published`);
  return found;
}

function decoded({ data = {} }: Document): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** The real curl where there is one. The body goes in by a file, so that no process list shows it. */
async function curl(dir: string, url: string, contentType: string, body: string): Promise<TokenAnswer> {
  const [bodyFile, caFile] = [join(dir, "token-request"), join(dir, "ca.pem")];
  writeFileSync(bodyFile, body, { mode: 0o600 });
  const args = ["--silent", "--cacert", caFile, "--request", "POST", "--header", `content-type: ${contentType}`];
  try {
    const { stdout } = await promisify(execFile)("curl", [...args, "--data", `@${bodyFile}`, url]);
    return JSON.parse(stdout) as TokenAnswer;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw new Error("curl failed");
    const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
    const answer = await fetch(url, { method: "POST", dispatcher, headers: { "content-type": contentType }, body });
    return (await answer.json()) as TokenAnswer;
  } finally {
    rmSync(bodyFile);
  }
}

function describe({
  access_token: token,
  scope,
  expires_in: seconds,
  error,
  error_description: why,
}: TokenAnswer): string {
  if (token === undefined) return `refused: ${error ?? "?"} (${why ?? "?"})`;
  return `token of ${String(token.length)} characters, scope "${scope ?? ""}", expires in ${String(seconds ?? 0)} s`;
}
