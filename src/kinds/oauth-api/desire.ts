import { ANNOTATIONS } from "../finalizer.ts";
import { durationMs } from "../schema/duration.ts";
import type { ApiScope, ApiSettings, ApiSpec } from "../../ports/provider.ts";
import type { Desired } from "./model.ts";
import type { OAuthApi } from "./schema.ts";

/** The wish that a resource expresses. What the spec does not set is not in it. */
export function desire(resource: OAuthApi): Desired {
  const { metadata, spec } = resource;
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.[ANNOTATIONS.paused] === "true",
    deletionPolicy: spec.deletionPolicy,
    isAdopting: spec.adopt === true,
    ownsDisplayName: spec.displayName !== undefined,
    sections: spec.auth0 === undefined ? [] : ["auth0"],
    isForced: metadata.annotations?.[ANNOTATIONS.forceDelete] === "true",
    spec: apiSpecOf(resource),
  };
}

function apiSpecOf({ metadata, spec }: OAuthApi): ApiSpec {
  const { lifetime, signingAlgorithm, profile, permissions } = spec.tokens ?? {};
  return {
    audience: spec.audience,
    displayName: spec.displayName ?? metadata.name,
    scopes: spec.scopes.map(scopeOf),
    tokens: {
      ...(lifetime === undefined ? {} : { lifetimeSeconds: durationMs(lifetime) / 1000 }),
      ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
      ...(profile === undefined ? {} : { profile }),
      ...(permissions === undefined ? {} : { permissions }),
    },
    ...(spec.auth0 === undefined ? {} : { settings: settingsOf(spec.auth0) }),
  };
}

/** The section as it stands, with durations as seconds. */
function settingsOf({ webTokenLifetime, ...section }: NonNullable<OAuthApi["spec"]["auth0"]>): ApiSettings {
  const set = Object.entries(section).filter(([, value]) => value !== undefined);
  const lifetime =
    webTokenLifetime === undefined ? {} : { webTokenLifetimeSeconds: durationMs(webTokenLifetime) / 1000 };
  return { ...Object.fromEntries(set), ...lifetime };
}

function scopeOf(scope: { readonly name: string; readonly description?: string | undefined }): ApiScope {
  return scope.description === undefined ? { name: scope.name } : { name: scope.name, description: scope.description };
}
