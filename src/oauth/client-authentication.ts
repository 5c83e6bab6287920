import type { TokenRequest } from "../ports/provider.ts";
import { ASSERTION_TYPE, signAssertion } from "./client-assertion.ts";

/** What a token request carries to prove who asks. */
export interface ClientProof {
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they become a Basic credential. */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** By the method that the workload uses itself. */
export async function proofOf(
  { clientId, authentication }: Pick<TokenRequest, "clientId" | "authentication">,
  now: Date,
): Promise<ClientProof> {
  if (authentication.method === "private_key_jwt") {
    const assertion = await signAssertion(clientId, authentication, authentication.audience, now);
    return { parameters: { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion }, headers: {} };
  }
  // RFC 7523 section 2.2: the assertion names the client, so that `client_id` is not needed.
  if (authentication.method === "kubernetes")
    return {
      parameters: { client_assertion_type: ASSERTION_TYPE, client_assertion: authentication.assertion },
      headers: {},
    };
  const { method, clientSecret } = authentication;
  if (method === "client_secret_post")
    return { parameters: { client_id: clientId, client_secret: clientSecret }, headers: {} };
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString("base64");
  return { parameters: {}, headers: { authorization: `Basic ${basic}` } };
}
