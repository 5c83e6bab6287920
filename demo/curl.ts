import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Agent, fetch } from "undici";
import type { TokenRequest } from "./guides.ts";

export interface TokenAnswer {
  readonly access_token?: string;
  readonly scope?: string;
  readonly expires_in?: number;
  readonly error?: string;
  readonly error_description?: string;
}

/** The real curl where there is one. What is sent goes in by a file, so that no process list shows it. */
export async function curl(dir: string, caFile: string, request: TokenRequest): Promise<TokenAnswer> {
  const file = join(dir, "token-request");
  writeFileSync(file, configOf(request, caFile), { mode: 0o600 });
  try {
    const { stdout } = await promisify(execFile)("curl", ["--config", file]);
    return JSON.parse(stdout) as TokenAnswer;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw new Error("curl failed");
    return await withoutCurl(caFile, request);
  } finally {
    rmSync(file);
  }
}

function configOf({ url, user, contentType, body }: TokenRequest, caFile: string): string {
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`${name} = "${value.replaceAll(/["\\]/g, "\\$&")}"`];
  const header = contentType === undefined ? undefined : `content-type: ${contentType}`;
  return ["silent", ...option("cacert", caFile), ...option("request", "POST"), ...option("url", url)]
    .concat(option("user", user), option("header", header), option("data", body))
    .join("\n");
}

async function withoutCurl(caFile: string, { url, user, contentType, body = "" }: TokenRequest): Promise<TokenAnswer> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const headers = {
    ...(user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
  const answer = await fetch(url, { method: "POST", dispatcher, headers, body });
  return (await answer.json()) as TokenAnswer;
}

export function describe(answer: TokenAnswer): string {
  const {
    access_token: token,
    scope = "",
    expires_in: seconds = 0,
    error = "?",
    error_description: why = "?",
  } = answer;
  if (token === undefined) return `refused: ${error} (${why})`;
  return `a token with scope "${scope}", which expires in ${String(seconds)} s`;
}
