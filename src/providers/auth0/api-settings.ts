import type { ApiSettings } from "../../ports/provider.ts";
import type { ApiDocument } from "./documents.ts";

/**
 * The spec's `auth0` section of an API, field by field: how it reads in Auth0's answer, defaults included, and how it
 * is written. https://auth0.com/docs/api/management/v2/resource-servers
 */
interface Setting {
  /** `undefined` where the field is not set at the tenant. */
  readonly read: (server: ApiDocument) => unknown;
  readonly write: (value: unknown) => Readonly<Record<string, unknown>>;
}

type Flag = "allow_offline_access" | "allow_online_access" | "skip_consent_for_verifiable_first_party_clients";

const flag = (property: Flag): Setting => ({
  read: (server) => server[property] === true,
  write: (value) => ({ [property]: value }),
});

/** `RequireClientGrant` here, `require_client_grant` there. */
const snake = (text: string): string => text.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
const camel = (text: string): string =>
  text.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const policyOf = (server: ApiDocument, subject: "client" | "user", fallback: string): string =>
  camel(server.subject_type_authorization?.[subject]?.policy ?? fallback);

const subjectTypeAuthorization: Setting = {
  read: (server) => ({
    client: policyOf(server, "client", "require_client_grant"),
    user: policyOf(server, "user", "allow_all"),
  }),
  write: (value) => {
    // Replaced as a whole: what is not said would be gone.
    const { client = "RequireClientGrant", user = "AllowAll" } = value as {
      readonly client?: string;
      readonly user?: string;
    };
    return { subject_type_authorization: { client: { policy: snake(client) }, user: { policy: snake(user) } } };
  },
};

const MECHANISMS: Readonly<Record<string, string>> = { DPoP: "dpop", MTLS: "mtls" };

const proofOfPossession: Setting = {
  read: ({ proof_of_possession: proof }) => {
    const { mechanism, required, required_for: requiredFor } = proof ?? {};
    if (mechanism == null) return { mechanism: "None", required: false };
    const name = Object.keys(MECHANISMS).find((key) => MECHANISMS[key] === mechanism) ?? mechanism;
    return {
      mechanism: name,
      required: required === true,
      ...(requiredFor == null ? {} : { requiredFor: camel(requiredFor) }),
    };
  },
  write: (value) => {
    // Auth0 requires the value, even for the default.
    const {
      mechanism,
      required = false,
      requiredFor,
    } = value as { mechanism: string; required?: boolean; requiredFor?: string };
    if (mechanism === "None") return { proof_of_possession: null };
    return {
      proof_of_possession: {
        mechanism: MECHANISMS[mechanism],
        required,
        ...(requiredFor === undefined ? {} : { required_for: snake(requiredFor) }),
      },
    };
  },
};

const SETTINGS: Readonly<Record<string, Setting>> = {
  subjectTypeAuthorization,
  proofOfPossession,
  allowOfflineAccess: flag("allow_offline_access"),
  allowOnlineAccess: flag("allow_online_access"),
  skipUserConsent: flag("skip_consent_for_verifiable_first_party_clients"),
  webTokenLifetimeSeconds: {
    read: ({ token_lifetime_for_web: seconds }) => seconds ?? 7200,
    write: (seconds) => ({ token_lifetime_for_web: seconds }),
  },
};

/** A client that presents nothing but its credential is refused then, whatever it was granted. */
export function noTokensBecause(server: ApiDocument): string | undefined {
  if (policyOf(server, "client", "require_client_grant") === "DenyAll")
    return "the API's subjectTypeAuthorization denies all clients";
  const { required, required_for: requiredFor } = server.proof_of_possession ?? {};
  if (required === true && requiredFor !== "public_clients") return "the API requires proof of possession";
  return server.token_encryption == null ? undefined : "the API's tokens are encrypted";
}

/** Everything that the section can name, as it is at the tenant. */
export function apiSettingsOf(server: ApiDocument): ApiSettings {
  return Object.fromEntries(Object.entries(SETTINGS).map(([name, setting]) => [name, setting.read(server)]));
}

export function settingsBody(settings: ApiSettings): Readonly<Record<string, unknown>> {
  const bodies = Object.entries(settings).map(([name, value]) => SETTINGS[name]?.write(value) ?? {});
  return Object.assign({}, ...bodies) as Readonly<Record<string, unknown>>;
}
