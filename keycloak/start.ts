import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mintCertificate } from "../sandbox/certificates.ts";
import { ensureKeycloak, type Feature } from "./distribution.ts";
import { runServer } from "./server-process.ts";

/** Where a Keycloak of ours listens. Plain data, so that it can be handed to other processes. */
export interface KeycloakAddress {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** PEM of the authority that clients must trust. */
  readonly caPem: string;
}

export interface Keycloak extends KeycloakAddress {
  stop(): Promise<void>;
}

/** A real Keycloak on this machine with no realm but `master`, ended with `stop`. Its database is thrown away. */
export async function startKeycloak(
  log: (line: string) => void = () => undefined,
  features: readonly Feature[] = [],
): Promise<Keycloak> {
  const { home, template } = await ensureKeycloak(log, features);
  const dir = mkdtempSync(join(tmpdir(), "keycloak-"));
  copyFileSync(template, join(dir, "keycloakdb.mv.db"));
  const { caPem, certificatePem, keyPem } = await mintCertificate(["localhost"]);
  const tls = { certificate: join(dir, "tls.crt"), key: join(dir, "tls.key") };
  writeFileSync(tls.certificate, certificatePem);
  writeFileSync(tls.key, keyPem);
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const server = await runServer({ home, database: join(dir, "keycloakdb"), tls });
    return {
      url: `https://127.0.0.1:${String(server.port)}`,
      caPem,
      stop: async () => {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
