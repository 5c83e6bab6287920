import { z } from "zod";
import type { CredentialValues } from "../../publication/inputs.ts";

/** What the state Secret holds. A part that is damaged counts as missing. */
export interface StateContent {
  readonly clientId: string | undefined;
  /** Tenant that the credential belongs to. */
  readonly tenant: string | undefined;
  readonly current: CredentialValues | undefined;
  /** Made and written down, not yet known to be in force. */
  readonly next: CredentialValues | undefined;
  /** In force before `current`, until its time has come. */
  readonly previous: CredentialValues | undefined;
}

const time = () => z.string().refine((text) => !Number.isNaN(Date.parse(text)));

const common = {
  id: z.string().min(1),
  created_at: time(),
  registration: z.string().min(1).optional(),
  registered_at: time().optional(),
  announced_at: time().optional(),
  activated_at: time().optional(),
  published_at: time().optional(),
  shown: z.literal(true).optional(),
  request: z.string().optional(),
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
  }),
  z.object({ ...common, authentication_method: z.literal("kubernetes"), subject: z.string().min(1) }),
]);

/** The fixed keys of the state Secret: `client_id`, `tenant`, and a JSON document per credential. */
export function formatState({ clientId, tenant, ...credentials }: StateContent): Readonly<Record<string, string>> {
  const { current, next, previous } = credentials;
  const documents = Object.entries({ current, next, previous }).flatMap(([role, credential]) =>
    credential === undefined ? [] : [[role, JSON.stringify(documentOf(credential))] as const],
  );
  return {
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...Object.fromEntries(documents),
  };
}

type CredentialDocument = z.output<typeof credentialDocument>;

/** A member that is `undefined` is not written. */
function documentOf(credential: CredentialValues): CredentialDocument {
  const common = {
    id: credential.id,
    registration: credential.registration,
    created_at: credential.createdAt,
    registered_at: credential.registeredAt,
    announced_at: credential.announcedAt,
    activated_at: credential.activatedAt,
    published_at: credential.publishedAt,
    shown: credential.isShown === true ? (true as const) : undefined,
    request: credential.request,
  };
  if (credential.authenticationMethod === "kubernetes")
    return { ...common, authentication_method: "kubernetes", subject: credential.subject };
  if (credential.authenticationMethod !== "private_key_jwt")
    return {
      ...common,
      authentication_method: credential.authenticationMethod,
      client_secret: credential.clientSecret,
    };
  const { privateKey = "", keyId = "", algorithm } = credential;
  return { ...common, authentication_method: "private_key_jwt", private_key: privateKey, key_id: keyId, algorithm };
}

/** Never throws, and reveals nothing of what it could not read. */
export function parseState(data: Readonly<Record<string, string>>): StateContent {
  return {
    clientId: textOf(data["client_id"]),
    tenant: textOf(data["tenant"]),
    current: parseCredential(data["current"]),
    next: parseCredential(data["next"]),
    previous: parseCredential(data["previous"]),
  };
}

const textOf = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

function parseCredential(text: string | undefined): CredentialValues | undefined {
  if (text === undefined) return undefined;
  const { data, success } = credentialDocument.safeParse(parseJson(text));
  if (!success) return undefined;
  const common = commonOf(data);
  if (data.authentication_method === "kubernetes")
    return { ...common, authenticationMethod: "kubernetes", subject: data.subject };
  if (data.authentication_method !== "private_key_jwt")
    return { ...common, authenticationMethod: data.authentication_method, clientSecret: data.client_secret };
  const { private_key: privateKey, key_id: keyId, algorithm } = data;
  return { ...common, authenticationMethod: "private_key_jwt", privateKey, keyId, algorithm };
}

const commonOf = (document: CredentialDocument) => ({
  id: document.id,
  createdAt: document.created_at,
  registration: document.registration,
  registeredAt: document.registered_at,
  announcedAt: document.announced_at,
  activatedAt: document.activated_at,
  publishedAt: document.published_at,
  isShown: document.shown,
  request: document.request,
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
