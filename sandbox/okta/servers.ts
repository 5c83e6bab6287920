import { z } from "zod";
import { invalid, notAllowed, notFound } from "./errors.ts";
import { seenUrl } from "./exchange.ts";
import { type Json, merged } from "./json.ts";
import { lifecycle, linkTo } from "./links.ts";
import { newServer, type Org } from "./org.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { type Server, timeOf } from "./state.ts";

const DAY_MS = 86_400_000;

/** A value with a colon must be a URI. */
const audience = z
  .string()
  .min(1)
  .refine((value) => !value.includes(":") || URL.canParse(value), "must be a valid URI");

/** What only the org sets is understood and ignored. */
const signing = z.object({
  rotationMode: z.enum(["AUTO", "MANUAL"]).optional(),
  kid: z.unknown().optional(),
  use: z.unknown().optional(),
  lastRotated: z.unknown().optional(),
  nextRotation: z.unknown().optional(),
});

const serverBody = z.object({
  name: z.string().min(1).max(100),
  audiences: z.array(audience).length(1),
  description: z.string().max(255).nullish(),
  issuerMode: z.enum(["ORG_URL", "CUSTOM_URL", "DYNAMIC"]).optional(),
  credentials: z.object({ signing: signing.optional() }).optional(),
});

/** The literal `default` stands for the id of the server of that name. */
export function serverOf({ state }: Org, id: string): Server {
  const server =
    id === "default" ? [...state.servers.values()].find((candidate) => candidate.default) : state.servers.get(id);
  if (server === undefined) throw notFound(id, "AuthorizationServer");
  return server;
}

export const pathIdOf = (server: Server): string => (server.default ? "default" : server.id);

/** By the server's mode: the org's host, its custom domain, or the one that the caller used (`host`). */
export function issuerOf(org: Org, server: Server, host?: string): string {
  const custom = org.customDomain === undefined ? org.url : `https://${org.customDomain}`;
  const { issuerMode: mode } = server;
  const base = mode === "CUSTOM_URL" ? custom : mode === "DYNAMIC" ? seenUrl(org, host) : org.url;
  return `${base}/oauth2/${pathIdOf(server)}`;
}

export function shownServer(org: Org, server: Server): Json {
  const { id, name, description, audiences, issuerMode, status, created, lastUpdated, rotationMode } = server;
  const base = `${org.url}/api/v1/authorizationServers/${pathIdOf(server)}`;
  const link = linkTo(base);
  const well = linkTo(`${issuerOf(org, server)}/.well-known`);
  const nextRotation = timeOf(Date.parse(server.lastRotated) + 90 * DAY_MS);
  const signing = {
    kid: server.keys.find(({ role }) => role === "current")?.kid ?? "",
    rotationMode,
    lastRotated: server.lastRotated,
    ...(rotationMode === "AUTO" ? { nextRotation } : {}),
  };
  const metadata = ["oauth-authorization-server", "openid-configuration"].map((document) => ({
    name: document,
    ...well(`/${document}`, "GET"),
  }));
  return merged(server.extra ?? {}, {
    ...{ id, name, description, audiences, issuer: issuerOf(org, server), issuerMode, status, created, lastUpdated },
    credentials: { signing },
    default: server.default,
    _links: {
      rotateKey: link("/credentials/lifecycle/keyRotate", "POST"),
      metadata,
      resourceServerCredentialsKeys: link("/resourceservercredentials/keys", "GET"),
      keys: link("/credentials/keys", "GET"),
      claims: link("/claims", "GET", "POST"),
      policies: link("/policies", "GET", "POST"),
      self: link("", "GET", "DELETE", "PUT"),
      scopes: link("/scopes", "GET", "POST"),
      ...lifecycle(base, status, "POST"),
    },
  });
}

function checkName(org: Org, name: string, id: string | undefined): void {
  const isTaken = [...org.state.servers.values()].some((other) => other.name === name && other.id !== id);
  if (org.knobs.uniqueServerNames && isTaken)
    throw invalid("name", "name: An authorization server with this name exists already.");
}

export function postServer(org: Org, body: unknown, nowMs: number): object {
  const given = parsed(serverBody, body);
  checkName(org, given.name, undefined);
  const at = timeOf(nowMs);
  const server = newServer({ name: given.name, audiences: given.audiences, keys: org.freshKeys(), at });
  server.description = given.description ?? null;
  // MANUAL is ignored here and honoured by an update.
  server.issuerMode = given.issuerMode ?? org.knobs.defaultIssuerMode;
  org.state.servers.set(server.id, server);
  return shownServer(org, server);
}

/** A full replacement, whose answer may still have the old time (recorded). */
export function putServer(org: Org, server: Server, body: unknown, nowMs: number): object {
  const given = parsed(serverBody, body);
  checkName(org, given.name, server.id);
  const { lastUpdated } = server;
  Object.assign(server, {
    extra: unknownOf(org, body, merged(shownServer(org, { ...server, extra: {} }), given)),
    name: given.name,
    audiences: given.audiences,
    description: given.description ?? null,
    issuerMode: given.issuerMode ?? server.issuerMode,
    rotationMode: given.credentials?.signing?.rotationMode ?? server.rotationMode,
    lastUpdated: timeOf(nowMs),
  });
  return { ...shownServer(org, server), lastUpdated };
}

/** With everything below it (not recorded). */
export function deleteServer(org: Org, server: Server): void {
  if (server.default) throw notAllowed();
  // The text is not recorded.
  if (org.knobs.strictAsDelete && server.status === "ACTIVE")
    throw invalid("authorizationServer", "The authorization server must be deactivated before deletion.");
  org.state.servers.delete(server.id);
}
