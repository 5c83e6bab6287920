import { z } from "zod";
import type { CredentialValues } from "./inputs.ts";

/** What the state Secret holds. A part that is damaged counts as missing. */
export interface StateContent {
  readonly clientId: string | undefined;
  /** Tenant that the credential belongs to. */
  readonly tenant: string | undefined;
  readonly current: CredentialValues | undefined;
  /** Made and written down, not yet known to be in force. */
  readonly next: CredentialValues | undefined;
}

const common = {
  id: z.string().min(1),
  created_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
};

const credentialDocument = z.discriminatedUnion("authentication_method", [
  z.object({
    ...common,
    authentication_method: z.enum(["client_secret_basic", "client_secret_post"]),
    client_secret: z.string().min(1),
  }),
  z.object({
    ...common,
    authentication_method: z.literal("private_key_jwt"),
    private_key: z.string().min(1),
    key_id: z.string().min(1),
    algorithm: z.string().min(1),
    registration: z.string().min(1).optional(),
  }),
]);

/** The fixed keys of the state Secret: `client_id`, `tenant`, and a JSON document per credential. */
export function formatState({ clientId, tenant, current, next }: StateContent): Readonly<Record<string, string>> {
  return {
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(current === undefined ? {} : { current: JSON.stringify(documentOf(current)) }),
    ...(next === undefined ? {} : { next: JSON.stringify(documentOf(next)) }),
  };
}

function documentOf(credential: CredentialValues): z.output<typeof credentialDocument> {
  const { id, createdAt } = credential;
  if (credential.authenticationMethod !== "private_key_jwt")
    return {
      id,
      authentication_method: credential.authenticationMethod,
      client_secret: credential.clientSecret,
      created_at: createdAt,
    };
  const { privateKey = "", keyId = "", algorithm, registration } = credential;
  return {
    id,
    authentication_method: "private_key_jwt",
    private_key: privateKey,
    key_id: keyId,
    algorithm,
    ...(registration === undefined ? {} : { registration }),
    created_at: createdAt,
  };
}

/** Never throws, and tells nothing of what it could not read. */
export function parseState(data: Readonly<Record<string, string>>): StateContent {
  return {
    clientId: textOf(data["client_id"]),
    tenant: textOf(data["tenant"]),
    current: parseCredential(data["current"]),
    next: parseCredential(data["next"]),
  };
}

const textOf = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

function parseCredential(text: string | undefined): CredentialValues | undefined {
  const { data, success } = credentialDocument.safeParse(parseJson(text ?? ""));
  if (!success) return undefined;
  const { id, created_at: createdAt } = data;
  if (data.authentication_method !== "private_key_jwt")
    return { id, createdAt, authenticationMethod: data.authentication_method, clientSecret: data.client_secret };
  return {
    id,
    createdAt,
    authenticationMethod: "private_key_jwt",
    privateKey: data.private_key,
    keyId: data.key_id,
    algorithm: data.algorithm,
    registration: data.registration,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
