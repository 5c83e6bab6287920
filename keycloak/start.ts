import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mintCertificate } from "../sandbox/certificates.ts";
import { ensureKeycloak, type Feature } from "./distribution.ts";
import { runServer } from "./server-process.ts";

/** Where a Keycloak of this run listens. Plain data, so that it can be handed to other processes. */
export interface KeycloakAddress {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** PEM of the authority that clients must trust. */
  readonly caPem: string;
}

export interface Keycloak extends KeycloakAddress {
  stop(): Promise<void>;
}

export interface KeycloakOptions {
  readonly log?: (line: string) => void;
  /** PEM of authorities that the server trusts beside those of the system. It reads them at its start alone. */
  readonly trusted?: readonly string[];
  /** Preview features that are on. */
  readonly features?: readonly Feature[];
}

/** A real Keycloak on this machine with no realm but `master`, ended with `stop`. Its database is thrown away. */
export async function startKeycloak(options: KeycloakOptions = {}): Promise<Keycloak> {
  const { log = () => undefined, trusted = [], features = [] } = options;
  const { home, template } = await ensureKeycloak(log, features);
  const dir = mkdtempSync(join(tmpdir(), "keycloak-"));
  copyFileSync(template, join(dir, "keycloakdb.mv.db"));
  const { caPem, certificatePem, keyPem } = await mintCertificate(["localhost"]);
  const tls = { certificate: join(dir, "tls.crt"), key: join(dir, "tls.key") };
  writeFileSync(tls.certificate, certificatePem);
  writeFileSync(tls.key, keyPem);
  const authorities = trusted.map((pem, index) => {
    const path = join(dir, `trusted-${String(index)}.pem`);
    writeFileSync(path, pem);
    return path;
  });
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const server = await runServer({ home, database: join(dir, "keycloakdb"), tls, authorities });
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
