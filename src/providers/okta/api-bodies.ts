import type { Mark } from "../../ports/mark.ts";
import type { ApiChange, ApiScope, ApiSettings, ApiSpec, ObservedApi, Ref } from "../../ports/provider.ts";
import { type ClaimDocument, type ScopeDocument, type ServerDocument, within } from "./documents.ts";
import { readMarked, writeMarked } from "./marked-text.ts";
import type { ServerParts } from "./server-parts.ts";
import type { RawDocument } from "./session.ts";

const ISSUER_MODES: Readonly<Record<string, string>> = {
  OrgUrl: "ORG_URL",
  CustomUrl: "CUSTOM_URL",
  Dynamic: "DYNAMIC",
};

/** A custom claim as the spec's section has it. */
export interface ClaimSetting {
  readonly name: string;
  readonly expression: string;
  readonly scopes?: readonly string[];
}

export const claimsIn = (settings: ApiSettings | undefined): readonly ClaimSetting[] | undefined =>
  settings?.["claims"] as readonly ClaimSetting[] | undefined;

export function apiFromServer(server: ServerDocument, parts: ServerParts, readAt: Date): ObservedApi {
  const { text, mark } = readMarked(server.description);
  return {
    ref: server.id as Ref,
    audience: server.audiences[0] ?? "",
    displayName: server.name,
    description: text === "" ? undefined : text,
    scopes: scopesIn(parts),
    tokens: { signingAlgorithm: "RS256" },
    settings: apiSettingsOf(server, parts),
    mark,
    signingSecretFingerprint: undefined,
    isImpaired: server.status === "INACTIVE" || parts.scopes.some(({ consent }) => consent === "REQUIRED"),
    isSystem: isShared(server),
    readAt,
  };
}

/** The org's own server, which everybody has and nobody can delete. The SDK's model has no flag for it. */
export const isShared = ({ issuer }: ServerDocument): boolean => issuer.endsWith("/oauth2/default");

export const scopesIn = ({ scopes }: ServerParts): readonly ApiScope[] => scopes.map(scopeOf);

function scopeOf({ name, description, ...scope }: ScopeDocument): ApiScope {
  const text = description ?? "";
  const isDefault = scope._default ?? scope.default ?? false;
  return { name, ...(text === "" ? {} : { description: text }), ...(isDefault ? { isDefault } : {}) };
}

function apiSettingsOf({ issuerMode, credentials }: ServerDocument, { claims }: ServerParts): ApiSettings {
  // An org without a custom domain has no other.
  const mode = Object.keys(ISSUER_MODES).find((name) => ISSUER_MODES[name] === (issuerMode ?? "ORG_URL"));
  return {
    issuerMode: mode,
    signingKeyRotation: credentials?.signing?.rotationMode === "MANUAL" ? "Manual" : "Auto",
    ...(claims === undefined ? {} : { claims: claims.filter(isActive).map(claimSettingOf) }),
  };
}

const isActive = ({ status }: ClaimDocument): boolean => status !== "INACTIVE";

function claimSettingOf({ name, value, conditions }: ClaimDocument): ClaimSetting {
  const scopes = conditions?.scopes ?? [];
  return { name, expression: value ?? "", ...(scopes.length === 0 ? {} : { scopes }) };
}

export function serverBody(spec: ApiSpec, mark: Mark) {
  const mode = ISSUER_MODES[String(spec.settings?.["issuerMode"])];
  return {
    name: spec.displayName,
    description: writeMarked({ text: spec.description ?? "", mark }),
    audiences: [spec.audience],
    ...(mode === undefined ? {} : { issuerMode: mode }),
  };
}

/** What of a change is the server's own; `undefined` when nothing is. */
export function changedServer(change: ApiChange): ((server: RawDocument) => RawDocument) | undefined {
  const { displayName, audience, description, mark, settings } = change;
  const mode = ISSUER_MODES[String(settings?.["issuerMode"])];
  const rotation = settings?.["signingKeyRotation"];
  const isAny = [displayName, audience, description, mark, mode, rotation].some((part) => part !== undefined);
  if (!isAny) return undefined;
  return (server) => ({
    ...(rotation === undefined ? server : withRotation(server, rotation === "Manual" ? "MANUAL" : "AUTO")),
    ...(displayName === undefined ? {} : { name: displayName }),
    ...(audience === undefined ? {} : { audiences: [audience] }),
    ...(mode === undefined ? {} : { issuerMode: mode }),
    description: describedAnew(server, change),
  });
}

function withRotation(server: RawDocument, rotationMode: string): RawDocument {
  const credentials = (server["credentials"] ?? {}) as RawDocument;
  return { ...server, credentials: within(credentials, "signing", { rotationMode }) };
}

function describedAnew(server: RawDocument, { description, mark }: ApiChange): string {
  const before = readMarked(server["description"] as string | null | undefined);
  return writeMarked({
    text: description ?? before.text,
    mark: mark === undefined ? before.mark : (mark ?? undefined),
  });
}

/** Consent that a person would have to give cannot be had by a machine. */
export const scopeBody = ({ name, description, isDefault }: ApiScope) => ({
  name,
  description: description ?? "",
  consent: "IMPLICIT" as const,
  metadataPublish: "ALL_CLIENTS" as const,
  _default: isDefault ?? false,
});

export const changedScope =
  ({ description, isDefault }: ApiScope) =>
  (scope: RawDocument): RawDocument => ({
    ...scope,
    description: description ?? "",
    default: isDefault ?? false,
    consent: scope["consent"] === "REQUIRED" ? "IMPLICIT" : scope["consent"],
  });

export const isSameScope = (wanted: ApiScope, scope: ScopeDocument): boolean =>
  (wanted.description ?? "") === (scope.description ?? "") &&
  (wanted.isDefault ?? false) === (scope._default ?? scope.default ?? false) &&
  scope.consent !== "REQUIRED";

export const claimBody = ({ name, expression, scopes }: ClaimSetting) => ({
  name,
  status: "ACTIVE" as const,
  claimType: "RESOURCE" as const,
  valueType: "EXPRESSION" as const,
  value: expression,
  alwaysIncludeInToken: true,
  conditions: { scopes: [...(scopes ?? [])] },
});

export const changedClaim =
  (wanted: ClaimSetting) =>
  (claim: RawDocument): RawDocument => ({ ...claim, ...claimBody(wanted) });

export function isSameClaim(wanted: ClaimSetting, claim: ClaimDocument): boolean {
  const [left, right] = [wanted.scopes ?? [], claim.conditions?.scopes ?? []];
  return (
    isActive(claim) &&
    (claim.valueType ?? "EXPRESSION") === "EXPRESSION" &&
    claim.value === wanted.expression &&
    left.length === right.length &&
    left.every((scope) => right.includes(scope))
  );
}
