import { z } from "zod";
import type { Fetch } from "../ports/http-transport.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { documentIn, jsonIn, received, unreadable } from "./json-answer.ts";
import { unreachable } from "./unreachable.ts";

/** A token that lives longer is none of a vendor's: it would never be renewed. */
const LONGEST_SECONDS = 366 * 86_400;

/** RFC 6749 section 5.1, with the lifetime that the RFC only recommends. RFC 6749 appendix A.12 says which characters. */
const tokenSchema = z.object({
  access_token: z.string().regex(/^[!-~]+$/),
  token_type: z.string().min(1),
  expires_in: z.number().positive().max(LONGEST_SECONDS),
  scope: z.string().nullish(),
});

/** RFC 6749 section 5.2, and 403 as vendors use it. Any other status comes from a server that did not judge the request. */
const REFUSED_WITH: readonly number[] = [400, 401, 403];

/** Errors of the server itself (RFC 6749 section 4.1.2.1), which some send with the status of a refusal. */
const OWN_FAILURES: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

/** RFC 6749 section 5.2. */
const refusalSchema = z.object({ error: z.string().min(1), error_description: z.unknown().optional() });

export type TokenDocument = z.output<typeof tokenSchema>;
export type RefusalDocument = Partial<z.output<typeof refusalSchema>>;

/** A token, or why there is none; the server's own failures (429 and 5xx) may say nothing more than their status. */
export type TokenResponse =
  | { readonly isGranted: true; readonly document: TokenDocument }
  | {
      readonly isGranted: false;
      readonly status: number;
      readonly headers: Headers;
      readonly document: RefusalDocument;
    };

/** What to ask a token endpoint. */
export interface TokenQuestion {
  /** How people call the server, for messages. */
  readonly server: string;
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that this server refuses with beside 400, 401 and 403. */
  readonly alsoRefusesWith?: readonly number[];
}

/**
 * One request to a token endpoint. Asking changes nothing, so that no answer means `unavailable`, and so does what is
 * neither a token (RFC 6749 section 5.1) nor a refusal (section 5.2).
 */
export async function askForToken(fetch: Fetch, question: TokenQuestion): Promise<TokenResponse> {
  const { server, url, parameters, headers, alsoRefusesWith = [] } = question;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...headers },
      body: new URLSearchParams(parameters),
    });
    return await tokenResponseOf(response, [...REFUSED_WITH, ...alsoRefusesWith]);
  } catch (error) {
    throw (
      unreachable(error, server, false) ??
      new ProviderError("unavailable", `${server} gave no usable answer.`, { isAnswer: true })
    );
  }
}

async function tokenResponseOf(response: Response, refusedWith: readonly number[]): Promise<TokenResponse> {
  const { status, headers } = response;
  const answer = await received(response);
  if (status < 400)
    return { isGranted: true, document: documentIn(answer, { statuses: [200], document: tokenSchema }) };
  if (status === 429 || status >= 500) {
    const { data = {} } = refusalSchema.safeParse(jsonIn(answer));
    return { isGranted: false, status, headers, document: data };
  }
  const document = documentIn(answer, { statuses: refusedWith, document: refusalSchema });
  if (OWN_FAILURES.has(document.error)) throw unreadable(`it says ${document.error} with status ${String(status)}`);
  return { isGranted: false, status, headers, document };
}
