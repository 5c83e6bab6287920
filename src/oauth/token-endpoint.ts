import { z } from "zod";
import type { Fetch } from "../ports/http-transport.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { documentIn, jsonIn, received } from "./json-answer.ts";
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

/**
 * One request to a token endpoint. Asking changes nothing, so that no answer means `unavailable`, and so does what is
 * neither a token (RFC 6749 section 5.1) nor a refusal (section 5.2).
 */
export async function askForToken(
  fetch: Fetch,
  server: string,
  url: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json", ...headers },
      body: new URLSearchParams(parameters),
    });
    return await tokenResponseOf(response);
  } catch (error) {
    throw (
      unreachable(error, server, false) ??
      new ProviderError("unavailable", `${server} gave no usable answer.`, { isAnswer: true })
    );
  }
}

async function tokenResponseOf(response: Response): Promise<TokenResponse> {
  const { status, headers } = response;
  const answer = await received(response);
  if (status < 400)
    return { isGranted: true, document: documentIn(answer, { statuses: [200], document: tokenSchema }) };
  if (status === 429 || status >= 500) {
    const { data = {} } = refusalSchema.safeParse(jsonIn(answer));
    return { isGranted: false, status, headers, document: data };
  }
  const document = documentIn(answer, { statuses: [status], document: refusalSchema });
  return { isGranted: false, status, headers, document };
}
