import { z } from "zod";
import type { CredentialValues } from "./inputs.ts";

/** What the state Secret holds. A part that is damaged counts as missing. */
interface StateContent {
  readonly clientId: string | undefined;
  /** Tenant that the credential belongs to. */
  readonly tenant: string | undefined;
  readonly current: CredentialValues | undefined;
}

const credentialDocument = z.object({
  id: z.string().min(1),
  authentication_method: z.enum(["client_secret_basic", "client_secret_post"]),
  client_secret: z.string().min(1),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});

/** The fixed keys of the state Secret: `client_id`, `tenant`, and a JSON document per credential. */
export function formatState(content: {
  readonly clientId: string;
  readonly tenant: string;
  readonly current: CredentialValues;
}): Readonly<Record<string, string>> {
  const { id, authenticationMethod, clientSecret, createdAt } = content.current;
  const current = {
    id,
    authentication_method: authenticationMethod,
    client_secret: clientSecret,
    created_at: createdAt,
  };
  return { client_id: content.clientId, tenant: content.tenant, current: JSON.stringify(current) };
}

/** Never throws, and tells nothing of what it could not read. */
export function parseState(data: Readonly<Record<string, string>>): StateContent {
  return {
    clientId: textOf(data["client_id"]),
    tenant: textOf(data["tenant"]),
    current: parseCredential(data["current"]),
  };
}

const textOf = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

function parseCredential(text: string | undefined): CredentialValues | undefined {
  const { data, success } = credentialDocument.safeParse(parseJson(text ?? ""));
  if (!success) return undefined;
  return {
    id: data.id,
    authenticationMethod: data.authentication_method,
    clientSecret: data.client_secret,
    createdAt: data.created_at,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
