import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type AdminParts, administer } from "./admin.ts";
import type { Call } from "./call-log.ts";
import { Auth0Error } from "./auth0/errors.ts";
import { answer, type Incoming } from "./auth0/routes.ts";
import { type AnyOutgoing, disturbed } from "./disturbed.ts";
import { pathOf } from "./http-server.ts";
import { OktaError } from "./okta/errors.ts";
import type { Fault } from "./faults.ts";
import type { OktaIncoming } from "./okta/exchange.ts";
import { answerOkta, isOktaPath } from "./okta/routes.ts";
import type { Past } from "./past.ts";
import { pause } from "./pause.ts";

interface Parts extends AdminParts {
  readonly past: Past;
  /** Ends every connection and refuses new ones for so many milliseconds. */
  readonly refuse: (ms: number) => void;
}

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
  const { remotePort: callerPort = 0 } = request.raw.socket;
  const { authorization, host = "", dpop } = request.headers;
  const proof = Array.isArray(dpop) ? dpop.join(", ") : dpop;
  const incoming = { ...call, authorization, nowMs, host, dpop: proof, mediaType: request.headers["content-type"] };
  const vendor = vendorOf(path);
  const effect = parts.faults.match(vendor, method, path);
  const isAuth0Api = vendor === "auth0" && path.startsWith("/api/");
  // The org waits by itself: its limit of requests at a time counts those that wait.
  await pause((effect?.latencyMs ?? 0) + (isAuth0Api ? parts.auth0.knobs.latencyMs : 0));
  if (effect?.refuseMs !== undefined) parts.refuse(effect.refuseMs);
  const seen = seenBy(parts, method, effect);
  const outgoing = await disturbed(() => safely(seen, vendor, incoming), effect, vendor, nowMs);
  parts.calls.add({
    at: new Date(nowMs).toISOString(),
    tenant: vendor,
    method,
    path,
    tookMs: Date.now() - nowMs,
    callerPort,
    ...told(outgoing),
  });
  return send(request, reply, vendor, outgoing);
}

/** A stale read sees the past. Every write of a time when one is to come leaves a past behind. */
function seenBy(parts: Parts, method: string, effect: Fault["effect"] | undefined): Parts {
  if (method !== "GET" && parts.faults.awaitsStaleRead()) parts.past.keep(parts);
  return effect?.stale === true && method === "GET" ? { ...parts, ...parts.past.shown(parts) } : parts;
}

/** Status 0: no whole answer arrived. */
function told(outgoing: AnyOutgoing | "dropped"): Pick<Call, "status" | "tokenClient"> {
  if (outgoing === "dropped") return { status: 0, tokenClient: undefined };
  return { status: outgoing.isCut === true ? 0 : outgoing.status, tokenClient: outgoing.tokenClient };
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  vendor: "auth0" | "okta",
  outgoing: AnyOutgoing | "dropped",
): FastifyReply {
  if (outgoing === "dropped") {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  const { status, body, headers, isCut } = outgoing;
  if (isCut === true) return sendHalf(reply, status, JSON.stringify(body));
  reply.code(status).headers(headers as Record<string, string>);
  if (vendor === "okta") reply.header("x-okta-request-id", randomUUID());
  return status === 204 ? reply.send() : reply.send(body);
}

/** Promises the whole text, sends half of it, and hangs up. */
function sendHalf(reply: FastifyReply, status: number, text: string): FastifyReply {
  reply.hijack();
  const length = Buffer.byteLength(text);
  reply.raw.writeHead(status, { "content-type": "application/json", "content-length": String(length) });
  reply.raw.write(text.slice(0, Math.floor(text.length / 2)), () => reply.raw.destroy());
  return reply;
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
