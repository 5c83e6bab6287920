import { ownerOf } from "../../ownership/owner.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { durationMs } from "../schema/duration.ts";
import type { ApiScope, ApiSpec } from "../../ports/provider.ts";
import type { Desired } from "./model.ts";
import type { OAuthApi } from "./schema.ts";
import { vendorWishes } from "./vendor-sections.ts";

/** The wish that a resource expresses. What the spec does not set is not in it. */
export function desire(resource: OAuthApi, instance: string, sha256: (text: string) => string): Desired {
  const { metadata, spec } = resource;
  const [wish] = vendorWishes(spec);
  return {
    isAbsent: metadata.deletionTimestamp !== undefined,
    isPaused: metadata.annotations?.[ANNOTATIONS.paused] === "true",
    deletionPolicy: spec.deletionPolicy,
    isAdopting: spec.adopt === true,
    ownsDisplayName: spec.displayName !== undefined,
    sections: wish === undefined ? [] : [wish.section],
    publishesSigningSecret: spec.signingSecret !== undefined,
    owner: ownerOf(resource, instance, sha256),
    namespace: metadata.namespace ?? "",
    adoptedId: wish?.adoptedId,
    isForced: metadata.annotations?.[ANNOTATIONS.forceDelete] === "true",
    spec: { ...apiSpecOf(resource), ...(wish === undefined ? {} : { settings: wish.settings }) },
  };
}

function apiSpecOf({ metadata, spec }: OAuthApi): ApiSpec {
  const { lifetime, ...settings } = spec.tokens ?? {};
  return {
    audience: spec.audience,
    displayName: spec.displayName ?? metadata.name,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    scopes: spec.scopes.map(scopeOf),
    tokens: {
      ...(lifetime === undefined ? {} : { lifetimeSeconds: durationMs(lifetime) / 1000 }),
      ...defined(settings),
    },
  };
}

/** Without members that are `undefined`. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

function scopeOf({ name, description, default: isDefault }: OAuthApi["spec"]["scopes"][number]): ApiScope {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(isDefault === undefined ? {} : { isDefault }),
  };
}
