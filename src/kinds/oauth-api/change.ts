import type { ApiScope, ApiSettings, ApiSpec, ApiTokens, ObservedApi } from "../../ports/provider.ts";
import type { Desired, Observed } from "./model.ts";

/** Of an adopted API nothing is touched that the spec does not name, or has named before. */
export function wantedOf(
  { spec, ownsDisplayName }: Desired,
  { origin, ownedScopes }: Observed,
  api: ObservedApi,
): ApiSpec {
  if (origin === "Made") return spec;
  const present = new Map(api.scopes.map((scope) => [scope.name, scope]));
  const named = new Set([...spec.scopes.map(({ name }) => name), ...ownedScopes]);
  const scopes = [
    ...spec.scopes.map((scope) => (scope.description === undefined ? (present.get(scope.name) ?? scope) : scope)),
    ...api.scopes.filter(({ name }) => !named.has(name)),
  ];
  return { ...spec, scopes, displayName: ownsDisplayName ? spec.displayName : (api.displayName ?? "") };
}

/** Only what differs and what the spec speaks of: a field that nobody set is never sent. */
export function changeOf(spec: ApiSpec, api: ObservedApi): Partial<Omit<ApiSpec, "audience">> {
  const tokens = tokensChange(spec.tokens, api.tokens);
  const settings = settingsChange(spec.settings ?? {}, api.settings);
  return {
    ...(spec.displayName === (api.displayName ?? "") ? {} : { displayName: spec.displayName }),
    ...(areSameScopes(spec.scopes, api.scopes) ? {} : { scopes: spec.scopes }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(settings === undefined ? {} : { settings }),
  };
}

/** A setting that is an object is written whole; of what the spec leaves out in it, the value that is there. */
function settingsChange(wanted: ApiSettings, present: ApiSettings): ApiSettings | undefined {
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const whole = isRecord(value) ? { ...(isRecord(present[name]) ? present[name] : {}), ...value } : value;
    if (!isSameSetting(whole, present[name])) change[name] = whole;
  }
  return Object.keys(change).length > 0 ? change : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isSameSetting(left: unknown, right: unknown): boolean {
  if (!isRecord(left) || !isRecord(right)) return left === right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => left[key] === right[key]);
}

/** Profile and permissions are one setting at some providers, so that a change of either sends both. */
function tokensChange(wanted: ApiTokens, present: Required<ApiTokens>): ApiTokens | undefined {
  const differs = (key: keyof ApiTokens): boolean => wanted[key] !== undefined && wanted[key] !== present[key];
  const { lifetimeSeconds, signingAlgorithm } = wanted;
  const change: ApiTokens = {
    ...(differs("lifetimeSeconds") && lifetimeSeconds !== undefined ? { lifetimeSeconds } : {}),
    ...(differs("signingAlgorithm") && signingAlgorithm !== undefined ? { signingAlgorithm } : {}),
    ...(differs("profile") || differs("permissions") ? shapeOf(wanted, present) : {}),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function shapeOf(wanted: ApiTokens, present: Required<ApiTokens>): Pick<ApiTokens, "profile" | "permissions"> {
  return { profile: wanted.profile ?? present.profile, permissions: wanted.permissions ?? present.permissions };
}

function areSameScopes(wanted: readonly ApiScope[], present: readonly ApiScope[]): boolean {
  const descriptions = new Map(present.map((scope) => [scope.name, scope.description ?? ""]));
  return (
    wanted.length === present.length &&
    wanted.every((scope) => descriptions.get(scope.name) === (scope.description ?? ""))
  );
}
