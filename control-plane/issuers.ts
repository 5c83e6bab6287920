import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { mintCertificate } from "../sandbox/certificates.ts";

/** Discovery documents and keys of clusters, on HTTPS, as clouds publish them: nobody needs to reach the API server. */
export interface Issuers {
  /** PEM of the authority that readers must trust. */
  readonly caPem: string;
  /** `iss` of the service account tokens of this cluster. */
  issuerOf(cluster: string): string;
  /** Publishes the keys (RFC 7517) that the cluster signs with. Before that its documents are answered with 404. */
  publish(cluster: string, keys: object): void;
  stop(): Promise<void>;
}

interface ClusterPath {
  readonly Params: { readonly cluster: string };
}

/** On a free port of the loopback, ended with `stop`. */
export async function startIssuers(): Promise<Issuers> {
  const { caPem, certificatePem: cert, keyPem: key } = await mintCertificate(["localhost"]);
  const published = new Map<string, object>();
  const app = fastify({ https: { key, cert }, forceCloseConnections: true });
  const issuerOf = (cluster: string): string => {
    const { port } = app.server.address() as AddressInfo;
    return `https://127.0.0.1:${String(port)}/clusters/${cluster}`;
  };
  app.get<ClusterPath>("/clusters/:cluster/.well-known/openid-configuration", ({ params: { cluster } }, reply) => {
    if (!published.has(cluster)) return reply.code(404).send();
    const issuer = issuerOf(cluster);
    return reply.send({
      ...{ issuer, jwks_uri: `${issuer}/keys` },
      ...{ response_types_supported: ["id_token"], subject_types_supported: ["public"] },
      id_token_signing_alg_values_supported: ["RS256"],
    });
  });
  app.get<ClusterPath>("/clusters/:cluster/keys", ({ params: { cluster } }, reply) => {
    const keys = published.get(cluster);
    return keys === undefined ? reply.code(404).send() : reply.send(keys);
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    caPem,
    issuerOf,
    publish: (cluster, keys) => {
      published.set(cluster, keys);
    },
    stop: () => app.close(),
  };
}
