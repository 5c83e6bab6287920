import { z } from "zod";
import { makeSigningKey, type SigningKey } from "../signing-key.ts";
import { invalid, managementError, notFound } from "./errors.ts";
import { lifecycle, linkTo } from "./links.ts";
import { newServer, type Org } from "./org.ts";
import { type Server, timeOf } from "./state.ts";

const DAY_MS = 86_400_000;

const serverBody = z.object({
  name: z.string().min(1).max(100),
  audiences: z.array(z.string().min(1)).length(1),
  description: z.string().max(255).nullish(),
  issuerMode: z.enum(["ORG_URL", "CUSTOM_URL", "DYNAMIC"]).optional(),
  credentials: z
    .object({ signing: z.object({ rotationMode: z.enum(["AUTO", "MANUAL"]).optional() }).optional() })
    .optional(),
});

/** The literal `default` stands for the id of the server of that name. */
export function serverOf({ state }: Org, id: string): Server {
  const server =
    id === "default" ? [...state.servers.values()].find((candidate) => candidate.default) : state.servers.get(id);
  if (server === undefined) throw notFound(id, "AuthorizationServer");
  return server;
}

export const pathIdOf = (server: Server): string => (server.default ? "default" : server.id);
export const issuerOf = ({ url }: Org, server: Server): string => `${url}/oauth2/${pathIdOf(server)}`;

export function shownServer(org: Org, server: Server): object {
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
  return {
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
      self: link("", ...(server.default ? ["GET", "PUT"] : ["GET", "DELETE", "PUT"])),
      scopes: link("/scopes", "GET", "POST"),
      ...lifecycle(base, status, "POST"),
    },
  };
}

export function postServer(org: Org, body: unknown, nowMs: number): object {
  const given = parsed(serverBody, body);
  const at = timeOf(nowMs);
  const server = newServer({ name: given.name, audiences: given.audiences, keys: org.freshKeys(), at });
  server.description = given.description ?? null;
  // MANUAL is ignored here and honoured by an update.
  server.issuerMode = given.issuerMode ?? "ORG_URL";
  org.state.servers.set(server.id, server);
  return shownServer(org, server);
}

export function putServer(org: Org, id: string, body: unknown, nowMs: number): object {
  const server = serverOf(org, id);
  const given = parsed(serverBody, body);
  Object.assign(server, {
    name: given.name,
    audiences: given.audiences,
    description: given.description ?? null,
    issuerMode: given.issuerMode ?? server.issuerMode,
    rotationMode: given.credentials?.signing?.rotationMode ?? server.rotationMode,
    lastUpdated: timeOf(nowMs),
  });
  return shownServer(org, server);
}

export function deleteServer(org: Org, id: string): void {
  const server = serverOf(org, id);
  if (server.default) throw managementError(403, "E0000006", "The default authorization server cannot be deleted.");
  // The text is not recorded.
  if (org.knobs.strictAsDelete && server.status === "ACTIVE")
    throw invalid("authorizationServer", "The authorization server must be deactivated before deletion.");
  org.state.servers.delete(server.id);
}

export function shownKey(org: Org, server: Server, key: SigningKey): object {
  const { kty, e, n } = key.publicJwk;
  const status = { current: "ACTIVE", next: "NEXT", previous: "EXPIRED" }[key.role];
  const base = `${org.url}/api/v1/authorizationServers/${pathIdOf(server)}/credentials/keys/${key.kid}`;
  return { kty, status, alg: "RS256", kid: key.kid, use: "sig", _links: { self: linkTo(base)("", "GET") }, e, n };
}

/** The next key signs from now on; the last one still verifies, the one before it is gone. */
export async function rotateKeys(org: Org, id: string, body: unknown, nowMs: number): Promise<readonly object[]> {
  const server = serverOf(org, id);
  if ((body as { use?: unknown } | undefined)?.use !== "sig")
    throw invalid("rotateKeys", "Invalid value specified for key 'use' parameter");
  const kept = server.keys.filter(({ role }) => role !== "previous");
  for (const key of kept) key.role = key.role === "current" ? "previous" : "current";
  server.keys.splice(0, server.keys.length, ...kept, await makeSigningKey("next"));
  server.lastRotated = timeOf(nowMs);
  return server.keys.map((key) => shownKey(org, server, key));
}

/** Unknown members are ignored; what is wrong is named by its field. */
export function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  if (typeof body !== "object" || body === null)
    throw managementError(400, "E0000003", "The request body was not well-formed.");
  const { data, success, error } = schema.safeParse(body);
  if (success) return data;
  const issue = error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw invalid(field, `${field}: ${issue?.message ?? "invalid"}`);
}
