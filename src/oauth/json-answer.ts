import type { z } from "zod";
import { TransportError } from "../ports/http-transport.ts";
import { safeText } from "./safe-text.ts";

/** `application/json`, or a media type that is JSON by its suffix (RFC 6839 section 3.1). */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** What an answer must be before anything in it is believed. */
export interface Expected<T> {
  readonly statuses: readonly number[];
  readonly document: z.ZodType<T>;
}

/** An answer with its body, which can be read once only. */
export interface Received {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

export async function received(response: Response): Promise<Received> {
  const { status, headers } = response;
  return { status, mediaType: headers.get("content-type") ?? "", text: await response.text() };
}

/**
 * The document in an answer. Throws `unreadable` for another status, another media type, what is no JSON, and JSON of
 * another shape. The message names where the document is wrong, never a value of it.
 */
export function documentIn<T>(answer: Received, { statuses, document }: Expected<T>): T {
  const { status, mediaType } = answer;
  if (!statuses.includes(status)) throw unreadable(`its status is ${String(status)}`);
  if (!JSON_TYPE.test(mediaType)) throw unreadable(`its media type is ${safeText(mediaType, 60) || "missing"}`);
  const { data, error } = document.safeParse(jsonIn(answer));
  if (error === undefined) return data;
  const [issue] = error.issues;
  const where = safeText((issue?.path ?? []).join("."), 100);
  throw unreadable(`${where === "" ? "it" : where} is wrong: ${safeText(issue?.message, 100)}`);
}

/** The JSON in an answer; `undefined` when it is none. */
export function jsonIn({ mediaType, text }: Received): unknown {
  if (!JSON_TYPE.test(mediaType)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The request was carried out or not: an answer that is none does not tell. */
export const unreadable = (why: string): TransportError =>
  new TransportError("unreadable", `the response is not valid: ${why}`, { sent: true });
