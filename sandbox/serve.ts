import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type AdminParts as Parts, administer } from "./admin.ts";
import { Auth0Error } from "./auth0/errors.ts";
import { answer, type Incoming } from "./auth0/routes.ts";
import type { Fault } from "./faults.ts";
import { pathOf } from "./http-server.ts";
import { OktaError } from "./okta/errors.ts";
import type { OktaIncoming } from "./okta/exchange.ts";
import { answerOkta, isOktaPath } from "./okta/routes.ts";
import { pause } from "./pause.ts";

/** One request: to the side door, or to one of the vendors. */
export async function handle(parts: Parts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const path = pathOf(request);
  const { method, body } = request;
  const query = request.query as Incoming["query"];
  if (path.startsWith("/_sandbox/")) {
    const admin = await administer(parts, { method, path, query, body });
    return reply.code(admin?.status ?? 404).send(admin?.body);
  }
  return serve(parts, request, reply, { method, path, query, body });
}

/** Of either vendor; a header may occur more than once. */
interface AnyOutgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenClient?: string;
}

/** Paths tell the vendors apart, so that one server can be both. */
const vendorOf = (path: string): "auth0" | "okta" => (isOktaPath(path) ? "okta" : "auth0");

async function serve(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  call: Pick<Incoming, "method" | "path" | "query" | "body">,
): Promise<unknown> {
  const { method, path } = call;
  const nowMs = Date.now();
  const { authorization, host = "", dpop } = request.headers;
  const proof = Array.isArray(dpop) ? dpop.join(", ") : dpop;
  const incoming = { ...call, authorization, nowMs, host, dpop: proof, mediaType: request.headers["content-type"] };
  const vendor = vendorOf(path);
  const effect = parts.faults.match(vendor, method, path);
  const isAuth0Api = vendor === "auth0" && path.startsWith("/api/");
  // The org waits by itself: its limit of requests at a time counts those that wait.
  await pause((effect?.latencyMs ?? 0) + (isAuth0Api ? parts.auth0.knobs.latencyMs : 0));
  const outgoing = await respond(() => safely(parts, vendor, incoming), effect);
  parts.calls.add({
    at: new Date(nowMs).toISOString(),
    tenant: vendor,
    method,
    path,
    status: outgoing === "dropped" ? 0 : outgoing.status,
    tokenClient: outgoing === "dropped" ? undefined : outgoing.tokenClient,
  });
  if (outgoing === "dropped") {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  reply.code(outgoing.status).headers(outgoing.headers as Record<string, string>);
  if (vendor === "okta") reply.header("x-okta-request-id", randomUUID());
  return outgoing.status === 204 ? reply.send() : reply.send(outgoing.body);
}

/** What the caller gets, a fault taken into account. */
async function respond(
  handled: () => Promise<AnyOutgoing>,
  effect: Fault["effect"] | undefined,
): Promise<AnyOutgoing | "dropped"> {
  if (effect?.drop === "before") return "dropped";
  const isReplaced = effect?.status !== undefined;
  const real = isReplaced && effect.commit !== true ? undefined : await handled();
  if (effect?.drop === "after") return "dropped";
  if (isReplaced) return { status: effect.status ?? 500, body: effect.body, headers: effect.headers ?? {} };
  return real ?? { status: 500, headers: {} };
}

async function safely(
  { auth0, okta }: Parts,
  vendor: "auth0" | "okta",
  incoming: Incoming & OktaIncoming,
): Promise<AnyOutgoing> {
  try {
    return vendor === "okta" ? await answerOkta(okta, incoming) : await answer(auth0, incoming);
  } catch (error) {
    if (error instanceof Auth0Error || error instanceof OktaError)
      return { status: error.status, body: error.body, headers: error.headers };
    throw error;
  }
}
