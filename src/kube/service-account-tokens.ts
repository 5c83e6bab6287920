import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError } from "../ports/provider-error.ts";
import type { ReadServiceAccountToken } from "../ports/service-account-token.ts";
import { chooseToken, type Choice } from "./token-choice.ts";

/** A token of a service account has about 1500 characters. */
const MAX_BYTES = 16_384;
/** Files of one directory that are read. */
const MAX_FILES = 64;

export interface TokenPlace {
  /** A directory with one file for each audience, or one file. `undefined`: nobody said where. */
  readonly path: string | undefined;
  /** How people set the path, for messages: a flag, with its dashes. */
  readonly flag: string;
  /** How people get a token for this audience, as a sentence. */
  readonly adviceFor: (audience: string) => string;
}

/** Tokens of the operator's own service account, as a projected volume provides them. */
export function serviceAccountTokens(place: TokenPlace, now: () => Date): ReadServiceAccountToken {
  const { path, flag, adviceFor } = place;
  return async (audience) => {
    if (path === undefined) throw missing(`${flag} is not set. ${adviceFor(audience)}`);
    const choice = chooseToken(await textsAt(path, flag), audience, now());
    if (choice.kind === "token") return choice.token;
    throw missing(`${reasonOf(choice, path, audience)} ${adviceFor(audience)}`);
  };
}

const MAX_SHOWN = 5;

function reasonOf(choice: Exclude<Choice, { kind: "token" }>, path: string, audience: string): string {
  if (choice.kind === "expired")
    return `The token in ${path} for the audience ${audience} expired at ${choice.expiredAt.toISOString()}.`;
  const known = choice.audiences.slice(0, MAX_SHOWN).join(", ");
  const others = known === "" ? "It has no token at all." : `It has tokens for: ${known}.`;
  return `${path} has no token with ${audience} as its only audience. ${others}`;
}

const missing = (message: string): ProviderError =>
  new ProviderError("no_credential", `The operator has no service account token for this tenant: ${message}`);

/** Contents of the files. Names that begin with two dots are those by which the kubelet replaces all files at once. */
async function textsAt(path: string, flag: string): Promise<readonly string[]> {
  try {
    const isDirectory = (await stat(path)).isDirectory();
    const names = isDirectory ? (await readdir(path)).filter((name) => !name.startsWith("..")).sort() : undefined;
    const files = names?.slice(0, MAX_FILES).map((name) => join(path, name)) ?? [path];
    return (await Promise.all(files.map(textOf))).filter((text) => text !== undefined);
  } catch (error) {
    const { code = "unknown" } = error as { readonly code?: string };
    throw missing(`${path}, the value of ${flag}, cannot be read (${code}).`);
  }
}

/** `undefined` for what is no file or too large for a token. */
async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path);
  if (!found.isFile() || found.size > MAX_BYTES) return undefined;
  const file = await open(path);
  try {
    // It may have grown meanwhile.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    return bytesRead > MAX_BYTES ? undefined : buffer.toString("utf8", 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
