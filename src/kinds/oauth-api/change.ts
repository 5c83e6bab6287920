import type {
  ApiChange,
  ApiScope,
  ApiSettings,
  ApiSpec,
  ApiTokens,
  Capabilities,
  ObservedApi,
} from "../../ports/provider.ts";
import type { Desired, Observed } from "./model.ts";

/** The spec without what the provider leaves to the resource or to grants. */
export function honoured(spec: ApiSpec, capabilities: Capabilities): ApiSpec {
  const { description, scopes, tokens, ...rest } = spec;
  const { lifetimeSeconds, ...others } = tokens;
  const isLifetimeHere = lifetimeSeconds !== undefined && capabilities.tokenLifetime.heldBy === "api";
  return {
    ...rest,
    ...(description === undefined || !capabilities.apiDescriptions ? {} : { description }),
    scopes:
      capabilities.whenNoneRequested === "defaults" ? scopes : scopes.map(({ isDefault: _all, ...scope }) => scope),
    tokens: isLifetimeHere ? tokens : others,
  };
}

/** Of an adopted API nothing is touched that the spec does not name, or has named before. */
export function wantedOf(
  { ownsDisplayName }: Desired,
  { origin, ownedScopes }: Observed,
  spec: ApiSpec,
  api: ObservedApi,
): ApiSpec {
  if (origin === "Made") return spec;
  const present = new Map(api.scopes.map((scope) => [scope.name, scope]));
  const named = new Set([...spec.scopes.map(({ name }) => name), ...ownedScopes]);
  const scopes = [
    ...spec.scopes.map((scope) => ({ ...present.get(scope.name), ...scope })),
    ...api.scopes.filter(({ name }) => !named.has(name)),
  ];
  return { ...spec, scopes, displayName: ownsDisplayName ? spec.displayName : (api.displayName ?? "") };
}

/** Only fields that differ and that the spec sets. A field that is not set is never sent. */
export function changeOf(spec: ApiSpec, api: ObservedApi): ApiChange {
  const tokens = tokensChange(spec.tokens, api.tokens);
  const settings = settingsChange(spec.settings ?? {}, api.settings);
  return {
    ...(spec.audience === api.audience ? {} : { audience: spec.audience }),
    ...(spec.description === undefined || spec.description === (api.description ?? "")
      ? {}
      : { description: spec.description }),
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

/** The order of lists says nothing in these sections. */
function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item) => right.some((other) => isSameSetting(item, other)));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isSameSetting(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) return isSameList(left, right);
  if (!isRecord(left) || !isRecord(right)) return left === right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => isSameSetting(left[key], right[key]));
}

/** One setting at some providers, so that a change of either sends both. */
const TOGETHER: readonly string[] = ["profile", "permissions"] satisfies (keyof ApiTokens)[];

function tokensChange(wanted: ApiTokens, present: ApiTokens): ApiTokens | undefined {
  const whole: ApiTokens = { ...present, ...wanted };
  const changed = Object.entries(wanted).filter(([name, value]) => present[name as keyof ApiTokens] !== value);
  if (changed.length === 0) return undefined;
  const isOneOfThem = ([name]: [string, unknown]): boolean => TOGETHER.includes(name);
  const together = changed.some(isOneOfThem) ? Object.entries(whole).filter(isOneOfThem) : [];
  return Object.fromEntries([...changed, ...together]);
}

function areSameScopes(wanted: readonly ApiScope[], present: readonly ApiScope[]): boolean {
  const known = new Map(present.map((scope) => [scope.name, scope]));
  return wanted.length === present.length && wanted.every((scope) => isSameScope(scope, known.get(scope.name)));
}

function isSameScope(wanted: ApiScope, present: ApiScope | undefined): boolean {
  return (
    present !== undefined &&
    (wanted.description ?? "") === (present.description ?? "") &&
    (wanted.isDefault ?? false) === (present.isDefault ?? false)
  );
}
