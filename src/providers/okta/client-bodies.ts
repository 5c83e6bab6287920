import { createPublicKey } from "node:crypto";
import { formatMark, type Mark, MARK_KEY, parseMark } from "../../ports/mark.ts";
import type {
  AuthenticationMethod,
  ClientChange,
  ClientSpec,
  ObservedClient,
  PublicKey,
  Ref,
  RegisteredKey,
  SecretMethod,
} from "../../ports/provider.ts";
import { type AppDocument, within } from "./documents.ts";
import type { RawDocument } from "./session.ts";

const SERVICE = {
  application_type: "service",
  grant_types: ["client_credentials"],
  response_types: ["token"],
  // The console sets it for new service apps, and no token can be had without a proof then.
  dpop_bound_access_tokens: false,
} as const;

export function clientFromApp(app: AppDocument, secrets: ObservedClient["secrets"], readAt: Date): ObservedClient {
  const { credentials, id, label, profile, settings, status } = app;
  const { [MARK_KEY]: mark, ...own } = profile ?? {};
  const { client_id: clientId, token_endpoint_auth_method: method } = credentials?.oauthClient ?? {};
  return {
    ref: id as Ref,
    clientId: clientId ?? id,
    displayName: label,
    description: noteOf(settings),
    metadata: textsIn(own),
    authenticationMethod: methodOf(method),
    mark: parseMark(typeof mark === "string" ? mark : undefined),
    secrets: method === "private_key_jwt" ? [] : secrets,
    keyRefs: method === "private_key_jwt" ? keysIn(app).map(({ ref }) => ref) : [],
    tokenQuota: undefined,
    defaultOrganization: undefined,
    isEnabled: status !== "INACTIVE",
    ...serviceOf(settings?.oauthClient),
    isSystem: false,
    readAt,
  };
}

const METHODS: readonly string[] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/** Okta's default where it tells none; `undefined`: one that no client of the operator can have, such as `none`. */
function methodOf(method: string | null | undefined): AuthenticationMethod | undefined {
  const inForce = method ?? "client_secret_basic";
  return METHODS.includes(inForce) ? (inForce as AuthenticationMethod) : undefined;
}

/** What administrators see beside the app. */
function noteOf(settings: AppDocument["settings"]): string | undefined {
  const note = settings?.notes?.admin ?? "";
  return note === "" ? undefined : note;
}

type AppSettings = NonNullable<AppDocument["settings"]>["oauthClient"];

/** Whether it is one that machines use, and whether it can get tokens as such and in no other way. */
function serviceOf(settings: AppSettings): Pick<ObservedClient, "isService" | "isServiceType" | "lacksGrantType"> {
  const { application_type: type, dpop_bound_access_tokens: isBound, grant_types: types } = settings ?? {};
  const grantTypes = types ?? [];
  const isService = type === SERVICE.application_type;
  const isPlain = isBound !== true && grantTypes.length === 1 && grantTypes[0] === SERVICE.grant_types[0];
  const lacks = types != null && !types.includes(SERVICE.grant_types[0]);
  return { isService, isServiceType: isService && isPlain, ...(lacks ? { lacksGrantType: true } : {}) };
}

const textsIn = (profile: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(profile).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

/** Keys that authenticate; the key's own id identifies it. */
export const keysIn = ({ settings }: AppDocument): readonly RegisteredKey[] =>
  (settings?.oauthClient?.jwks?.keys ?? [])
    .filter(({ status }) => status !== "INACTIVE")
    .map(({ kid }) => ({ ref: kid ?? "", keyId: kid ?? "" }));

export function createBody(spec: ClientSpec, mark: Mark) {
  const { clientId, publicKeys = [], authenticationMethod: method } = spec;
  return {
    name: "oidc_client",
    label: spec.displayName,
    signOnMode: "OPENID_CONNECT" as const,
    credentials: {
      oauthClient: {
        autoKeyRotation: true,
        pkce_required: false,
        token_endpoint_auth_method: method,
        ...(clientId === undefined ? {} : { client_id: clientId }),
      },
    },
    settings: {
      notes: { admin: spec.description ?? "" },
      oauthClient: { ...SERVICE, ...(method === "private_key_jwt" ? { jwks: { keys: publicKeys.map(jwkOf) } } : {}) },
    },
    visibility: { hide: { iOS: true, web: true } },
    profile: { ...spec.metadata, [MARK_KEY]: formatMark(mark) },
  };
}

/** RFC 7517, public members only. */
export function jwkOf({ keyId, pem, algorithm }: PublicKey): RawDocument {
  const jwk = createPublicKey(pem).export({ format: "jwk" });
  return { ...jwk, kid: keyId, use: "sig", alg: algorithm, status: "ACTIVE" };
}

/** Whether a change is one of the app's document, and not of its lifecycle alone. */
export const changesDocument = ({ isEnabled: _lifecycle, ...change }: ClientChange): boolean =>
  Object.values(change).some((value) => value !== undefined);

export const changedApp =
  (change: ClientChange) =>
  (app: RawDocument): RawDocument => {
    const settings = (app["settings"] ?? {}) as RawDocument;
    const credentials = (app["credentials"] ?? {}) as RawDocument;
    const { displayName, description, authenticationMethod: method, restoreServiceType } = change;
    return {
      ...app,
      ...(displayName === undefined ? {} : { label: displayName }),
      credentials: method === undefined ? credentials : withMethod(credentials, method),
      settings: {
        ...(description === undefined ? settings : within(settings, "notes", { admin: description })),
        oauthClient: changedSettings(settings["oauthClient"] as RawDocument | undefined, {
          isService: restoreServiceType === true,
          dropsKeys: method !== undefined,
        }),
      },
      profile: changedProfile(app["profile"] as RawDocument | null | undefined, change),
    };
  };

const withMethod = (credentials: RawDocument, method: AuthenticationMethod): RawDocument =>
  within(credentials, "oauthClient", { token_endpoint_auth_method: method });

/** Keys go in the request in which a secret comes: they could be used again later. */
function changedSettings(
  settings: RawDocument = {},
  { isService, dropsKeys }: { readonly isService: boolean; readonly dropsKeys: boolean },
): RawDocument {
  const { jwks, ...others } = settings;
  return {
    ...others,
    ...(jwks === undefined || dropsKeys ? {} : { jwks }),
    ...(isService ? SERVICE : {}),
  };
}

function changedProfile(profile: RawDocument | null | undefined, { metadata, mark }: ClientChange): RawDocument {
  const next: Record<string, unknown> = { ...profile };
  for (const [key, value] of Object.entries(metadata ?? {}))
    if (value === null) Reflect.deleteProperty(next, key);
    else next[key] = value;
  if (mark === null) Reflect.deleteProperty(next, MARK_KEY);
  else if (mark !== undefined) next[MARK_KEY] = formatMark(mark);
  return next;
}

/** A secret of the operator under this method, in place of what the app authenticated with. */
export const withSecret =
  (method: SecretMethod, secret: string) =>
  (app: RawDocument): RawDocument => {
    const changed = changedApp({ authenticationMethod: method })(app);
    return {
      ...changed,
      credentials: within(changed["credentials"] as RawDocument, "oauthClient", { client_secret: secret }),
    };
  };

/** Exactly these keys, of which those that are there already stay as Okta has them. */
export const withKeys =
  (wanted: (present: readonly RawDocument[]) => readonly RawDocument[]) =>
  (app: RawDocument): RawDocument => {
    const settings = (app["settings"] ?? {}) as RawDocument;
    const oauthClient = (settings["oauthClient"] ?? {}) as RawDocument;
    const present = (oauthClient["jwks"] as { readonly keys?: readonly RawDocument[] } | undefined)?.keys ?? [];
    return {
      ...app,
      credentials: withMethod((app["credentials"] ?? {}) as RawDocument, "private_key_jwt"),
      settings: { ...settings, oauthClient: { ...oauthClient, jwks: { keys: wanted(present) } } },
    };
  };
