import formbody from "@fastify/formbody";
import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import type { ServerCertificate } from "./certificates.ts";
import { noMediaType, type OktaError } from "./okta/errors.ts";
import { notWellFormed } from "./okta/request-body.ts";
import { isOktaPath } from "./okta/routes.ts";

/** Reads requests as both vendors do; what they mean is for the routes. */
export async function createHttpServer(certificate: ServerCertificate): Promise<FastifyInstance> {
  const app = fastify({
    https: { key: certificate.keyPem, cert: certificate.certificatePem },
    bodyLimit: 1024 * 1024,
    // RFC 9112 section 3.2.2: what a client sends that takes the server for its proxy.
    rewriteUrl: ({ url = "/" }) => url.replace(/^https?:\/\/[^/?]*/i, "") || "/",
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096 },
  });
  await app.register(formbody);
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Clients name the type also where they send nothing.
    if (body === "") done(null, undefined);
    else void parse(request, String(body), done);
  });
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const refused = isOktaPath(pathOf(request)) ? unreadable(error) : undefined;
    return refused === undefined ? reply.send(error) : reply.code(refused.status).send(refused.body);
  });
  return app;
}

/** Path of a request, not decoded, without its query. */
export const pathOf = ({ raw }: FastifyRequest): string => (raw.url ?? "/").split("?", 1)[0] ?? "/";

/** What the org answers to a body that could not even be read. */
function unreadable({ code }: FastifyError): OktaError | undefined {
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return noMediaType();
  return code.startsWith("FST_ERR_CTP") ? notWellFormed() : undefined;
}
