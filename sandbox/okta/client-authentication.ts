import { byAssertion } from "./client-assertion.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { activeClient, type Presented, textOf } from "./presented.ts";
import type { App } from "./state.ts";
import { isAccepted } from "./visibility.ts";

/** A client must use exactly the method that it is set to. */
export async function authenticate(org: Org, presented: Presented, nowMs: number): Promise<App> {
  const basic = /^Basic (.+)$/i.exec(presented.authorization ?? "")?.[1];
  const assertion = textOf(presented.form, "client_assertion");
  const secret = textOf(presented.form, "client_secret");
  const given = [basic, assertion, secret].filter((part) => part !== undefined);
  if (given.length > 1) throw refusal("multiple_client_credentials");
  if (assertion !== undefined) return byAssertion(org, presented, assertion, nowMs);
  if (basic !== undefined) return bySecret(org, decoded(basic), "client_secret_basic", nowMs);
  if (secret === undefined) throw refusal("missing_client_credentials");
  return bySecret(org, { id: textOf(presented.form, "client_id") ?? "", secret }, "client_secret_post", nowMs);
}

function decoded(basic: string): { readonly id: string; readonly secret: string } {
  const text = Buffer.from(basic, "base64").toString();
  const at = text.indexOf(":");
  if (at < 0) throw refusal("invalid_basic_auth_creds");
  const part = (encoded: string): string => decodeURIComponent(encoded.replaceAll("+", " "));
  try {
    return { id: part(text.slice(0, at)), secret: part(text.slice(at + 1)) };
  } catch {
    throw refusal("invalid_basic_auth_creds");
  }
}

function bySecret(org: Org, { id, secret }: { id: string; secret: string }, method: string, nowMs: number): App {
  const app = activeClient(org, id);
  if (app === undefined) throw refusal("invalid_client_id");
  if (app.authMethod !== method) throw refusal("invalid_token_endpoint_auth_method");
  if (!app.secrets.some((known) => known.client_secret === secret && isAccepted(org, known, nowMs)))
    throw refusal("invalid_client_secret");
  return app;
}
