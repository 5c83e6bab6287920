import { ownerOf } from "../../ownership/owner.ts";
import { ANNOTATIONS } from "../finalizer.ts";
import { durationMs } from "../schema/duration.ts";
import type { ApiScope, ApiSettings, ApiSpec } from "../../ports/provider.ts";
import type { Desired } from "./model.ts";
import type { OAuthApi } from "./schema.ts";

const SECTIONS = ["auth0", "okta"] as const;

/** The wish that a resource expresses. What the spec does not set is not in it. */
export function desire(resource: OAuthApi, instance: string, sha256: (text: string) => string): Desired {
  const { metadata, spec } = resource;
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.[ANNOTATIONS.paused] === "true",
    deletionPolicy: spec.deletionPolicy,
    isAdopting: spec.adopt === true,
    ownsDisplayName: spec.displayName !== undefined,
    sections: SECTIONS.filter((section) => spec[section] !== undefined),
    owner: ownerOf(resource, instance, sha256),
    adoptedId: spec.okta?.authorizationServerId,
    isForced: metadata.annotations?.[ANNOTATIONS.forceDelete] === "true",
    spec: apiSpecOf(resource),
  };
}

function apiSpecOf({ metadata, spec }: OAuthApi): ApiSpec {
  const { lifetime, signingAlgorithm, profile, permissions } = spec.tokens ?? {};
  return {
    audience: spec.audience,
    displayName: spec.displayName ?? metadata.name,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    scopes: spec.scopes.map(scopeOf),
    tokens: {
      ...(lifetime === undefined ? {} : { lifetimeSeconds: durationMs(lifetime) / 1000 }),
      ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
      ...(profile === undefined ? {} : { profile }),
      ...(permissions === undefined ? {} : { permissions }),
    },
    ...settingsOf(spec),
  };
}

/** The vendor's section as it stands, with durations as seconds; what only names what to adopt is no setting. */
function settingsOf({ auth0, okta }: OAuthApi["spec"]): { readonly settings?: ApiSettings } {
  if (okta !== undefined) {
    const { authorizationServerId: _adopted, ...section } = okta;
    return { settings: defined(section) };
  }
  if (auth0 === undefined) return {};
  const { webTokenLifetime, ...section } = auth0;
  const lifetime =
    webTokenLifetime === undefined ? {} : { webTokenLifetimeSeconds: durationMs(webTokenLifetime) / 1000 };
  return { settings: { ...defined(section), ...lifetime } };
}

const defined = (section: object): ApiSettings =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== undefined));

function scopeOf({ name, description, default: isDefault }: OAuthApi["spec"]["scopes"][number]): ApiScope {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(isDefault === undefined ? {} : { isDefault }),
  };
}
