import { z } from "zod";
import { documentIn, jsonIn, type Received, received, unreadable } from "../oauth/json-answer.ts";
import { type Fetch, TransportError } from "../ports/http-transport.ts";
import { ProviderError } from "../ports/provider-error.ts";

/**
 * An id that is one segment of a path: not empty, no slash, no control character, and neither "." nor "..". No braces
 * either, since an SDK leaves its placeholder where an id is empty.
 */
const ID = /^(?!\.{1,2}$)[^/\\{}\p{Cc}]{1,512}$/u;

/** Whether the text can be an id, or a name in place of one: any other would be another path. */
export const isId = (text: string): boolean => ID.test(text);

/** The schema of an id in an answer. */
export const idText = (): z.ZodString => z.string().regex(ID);

/** What a request said, for comparing an answer with it. */
export interface Asked {
  /** Decoded segments of the path, by the names that the operation gives them. */
  readonly ids: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON body; `undefined` where there was none. */
  readonly body: unknown;
}

/** One operation of a vendor's API, and what an answer to it looks like. */
export interface Operation {
  readonly method: string;
  readonly segments: readonly string[];
  /** Throws `unreadable` for everything that is no answer to what was asked. */
  readonly judge: (answer: Received, asked: Asked) => void;
}

/** `route`: method and path; `{name}` stands for one segment. */
function routeOf(route: string): Pick<Operation, "method" | "segments"> {
  const [method = "", path = ""] = route.split(" ");
  return { method, segments: path.split("/") };
}

/** Answered with a document. `isAbout` compares it with what was asked: another object's answer is none. */
export function answered<T>(
  route: string,
  document: z.ZodType<T>,
  isAbout: (answer: T, asked: Asked) => boolean = () => true,
): Operation {
  const statuses = route.startsWith("POST ") ? [200, 201] : [200];
  return {
    ...routeOf(route),
    judge: (answer, asked) => {
      if (!isAbout(documentIn(answer, { statuses, document }), asked)) throw unreadable("it is about something else");
    },
  };
}

/** Answered with this status and nothing. */
const answeredWithNothing = (route: string, expected: number): Operation => ({
  ...routeOf(route),
  judge: ({ status, text }) => {
    if (status !== expected) throw unreadable(`its status is ${String(status)}`);
    if (text !== "") throw unreadable("it has a body");
  },
});

/** Removes something, which is answered with 204 and nothing. */
export const removed = (route: string): Operation => answeredWithNothing(route, 204);

/** Changes something, which is answered with 204 and nothing. */
export const changed = (route: string): Operation => answeredWithNothing(route, 204);

/** Creates something, which is answered with 201 and nothing: a header names it. */
export const created = (route: string): Operation => answeredWithNothing(route, 201);

/** Switches something on or off, which is answered with 204, or with 200 and a document that nobody reads. */
export const switched = (route: string): Operation => ({
  ...routeOf(route),
  judge: (answer) => {
    if (answer.status !== 204) documentIn(answer, { statuses: [200], document: z.looseObject({}) });
  },
});

/** What all of a vendor's operations have in common. */
export interface Vendor {
  /** How people call it. */
  readonly label: string;
  readonly operations: readonly Operation[];
  /** What a 404 says when it is the vendor's own: nothing else is believed to mean that something is gone. */
  readonly notFound: z.ZodType;
}

/**
 * Requests of these operations alone, and of their answers only those that are ones. Beneath the SDK, so that no
 * operation is forgotten and nothing else is ever taken for an empty tenant, for an object, or for its absence. Rejects
 * with `unreadable` when the answer is none, and with `invalid` before anything is sent for a path that is no
 * operation's, such as that of an empty id.
 */
export function believing(fetch: Fetch, { label, operations, notFound }: Vendor): Fetch {
  return async (input, init = {}) => {
    const url = new URL(typeof input === "string" ? input : input instanceof URL ? input.href : input.url);
    const method = (init.method ?? "GET").toUpperCase();
    const match = matchOf(operations, method, url);
    if (match === undefined)
      throw new ProviderError("invalid", `The operator does not send ${method} ${url.pathname} to ${label}.`);
    const response = await fetch(input, init);
    const answer = await received(response);
    const { status, headers } = response;
    if (status < 400) match.operation.judge(answer, { ids: match.ids, query: url.searchParams, body: bodyOf(init) });
    else if (status === 404 && !notFound.safeParse(jsonIn(answer)).success)
      throw unreadable(`it is not how ${label} says that something does not exist`);
    return new Response(status === 204 || status === 304 ? null : answer.text, { status, headers });
  };
}

/** Whether an answer was not read because it is too large, so that a smaller page may be. */
export function isTooLarge(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if (current instanceof TransportError) return current.reason === "too_large";
  return false;
}

function bodyOf({ body }: RequestInit): unknown {
  try {
    return typeof body === "string" ? (JSON.parse(body) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

interface Match {
  readonly operation: Operation;
  readonly ids: Readonly<Record<string, string>>;
}

function matchOf(operations: readonly Operation[], method: string, { pathname }: URL): Match | undefined {
  const segments = pathname.split("/");
  for (const operation of operations) {
    if (operation.method !== method || operation.segments.length !== segments.length) continue;
    const ids = idsIn(operation.segments, segments);
    if (ids !== undefined) return { operation, ids };
  }
  return undefined;
}

function idsIn(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const ids: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined && part !== segment) return undefined;
    if (name === undefined) continue;
    const id = decoded(segment);
    if (id === undefined || !isId(id)) return undefined;
    ids[name] = id;
  }
  return ids;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
