import type { ApiSettings } from "../../ports/provider.ts";

/**
 * The spec's `auth0` section of an API, field by field: how it reads in Auth0's answer, defaults included, and how it
 * is written. https://auth0.com/docs/api/management/v2/resource-servers
 */
interface Setting {
  /** `undefined` where the field is not set at the tenant. */
  readonly read: (server: Readonly<Record<string, unknown>>) => unknown;
  readonly write: (value: unknown) => Readonly<Record<string, unknown>>;
}

const flag = (property: string): Setting => ({
  read: (server) => server[property] === true,
  write: (value) => ({ [property]: value }),
});

/** `RequireClientGrant` here, `require_client_grant` there. */
const snake = (text: string): string => text.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
const camel = (text: string): string =>
  text.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const policyOf = (server: Readonly<Record<string, unknown>>, subject: "client" | "user", fallback: string): string => {
  const policies = (server["subject_type_authorization"] ?? {}) as Record<string, { policy?: string } | undefined>;
  return camel(policies[subject]?.policy ?? fallback);
};

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

interface RemoteProof {
  readonly mechanism?: string | null;
  readonly required?: boolean | null;
  readonly required_for?: string | null;
}

const proofOfPossession: Setting = {
  read: ({ proof_of_possession: proof }) => {
    const { mechanism, required, required_for: requiredFor } = (proof ?? {}) as RemoteProof;
    if (mechanism == null) return { mechanism: "None", required: false };
    const name = Object.keys(MECHANISMS).find((key) => MECHANISMS[key] === mechanism) ?? mechanism;
    return {
      mechanism: name,
      required: required === true,
      ...(requiredFor == null ? {} : { requiredFor: camel(requiredFor) }),
    };
  },
  write: (value) => {
    // Auth0 wants to be told, also the default.
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
export function noTokensBecause(server: Readonly<Record<string, unknown>>): string | undefined {
  if (policyOf(server, "client", "require_client_grant") === "DenyAll")
    return "the API's subjectTypeAuthorization denies all clients";
  const { required, required_for: requiredFor } = (server["proof_of_possession"] ?? {}) as RemoteProof;
  if (required === true && requiredFor !== "public_clients") return "the API requires proof of possession";
  return server["token_encryption"] == null ? undefined : "the API's tokens are encrypted";
}

/** Everything that the section can name, as it is at the tenant. */
export function apiSettingsOf(server: Readonly<Record<string, unknown>>): ApiSettings {
  return Object.fromEntries(Object.entries(SETTINGS).map(([name, setting]) => [name, setting.read(server)]));
}

export function settingsBody(settings: ApiSettings): Readonly<Record<string, unknown>> {
  const bodies = Object.entries(settings).map(([name, value]) => SETTINGS[name]?.write(value) ?? {});
  return Object.assign({}, ...bodies) as Readonly<Record<string, unknown>>;
}
