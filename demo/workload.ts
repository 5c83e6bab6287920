import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
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
  say(line: string): void;
  step(line: string): void;
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
  const { connection, sandbox, dir, say, step } = demo;
  const secret = decoded(await published(connection, "Secret", "timesheet-importer-oauth"));
  step("The Secret that the job mounts has these keys (values are not shown)");
  say(`  ${Object.keys(secret).sort().join(", ")}`);

  step("The job asks for a token, as the guides' curl does: JSON body, then form body");
  const parameters = {
    grant_type: "client_credentials",
    client_id: secret["client_id"] ?? "",
    client_secret: secret["client_secret"] ?? "",
    audience: secret["audience"] ?? "",
  };
  const endpoint = secret["token_endpoint"] ?? "";
  const byJson = await curl(dir, endpoint, "application/json", JSON.stringify(parameters));
  const byForm = await curl(
    dir,
    endpoint,
    "application/x-www-form-urlencoded",
    new URLSearchParams(parameters).toString(),
  );
  say(`  JSON: ${describe(byJson)}`);
  say(`  form: ${describe(byForm)}`);
  const token = byForm.access_token ?? byJson.access_token;
  if (token === undefined) throw new Error("no token came back");
  const { iss, aud, scope, exp = 0, iat = 0 } = decodeJwt<{ scope?: string }>(token);
  say(`  ${JSON.stringify(decodeProtectedHeader(token))}`);
  say(`  ${JSON.stringify({ iss, aud, scope, lifetime: `${String(exp - iat)} s` })}`);

  step("The API checks it with what its ConfigMap says");
  const config = (await published(connection, "ConfigMap", "timesheets-oauth")).data ?? {};
  const trust = new Agent({ connect: { ca: sandbox.caPem } });
  const { issuer = "", audience = "", jwks_uri = "" } = config;
  const api = await startExampleApi({ issuer, audience, jwks_uri }, trust);
  const caller = new Agent({ connect: { ca: api.caPem } });
  for (const [path, sent] of [
    ["/upload", token],
    ["/approve", token],
    ["/upload", "not-a-token"],
  ] as const) {
    const answer = await fetch(api.url + path, { dispatcher: caller, headers: { authorization: `Bearer ${sent}` } });
    say(
      `  POST ${path}${sent === token ? "" : " without a good token"}: ${String(answer.status)} ${await answer.text()}`,
    );
  }
  await api.close();

  step("A scope that was not granted is refused by the tenant");
  const refused = await curl(
    dir,
    endpoint,
    "application/json",
    JSON.stringify({ ...parameters, scope: "approve:timesheets" }),
  );
  say(`  ${describe(refused)}`);
  if (refused.access_token !== undefined) throw new Error("a scope that was not granted was given");
  await trust.close();
  await caller.close();
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
  const bodyFile = join(dir, "token-request");
  writeFileSync(bodyFile, body, { mode: 0o600 });
  const args = [
    "--silent",
    "--cacert",
    join(dir, "ca.pem"),
    "--request",
    "POST",
    "--header",
    `content-type: ${contentType}`,
  ];
  const { stdout } = await promisify(execFile)("curl", [...args, "--data", `@${bodyFile}`, url]).catch(async () => {
    throw new Error("curl is needed for the demo");
  });
  return JSON.parse(stdout) as TokenAnswer;
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
