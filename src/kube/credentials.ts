import type { KubeConfig } from "@kubernetes/client-node";
import { createAgents, type Lanes, type TlsMaterial } from "./agents.ts";
import { type KubeconfigChoice, loadKubeconfig, noCredentials } from "./kubeconfig.ts";

/** What a request needs to be let in. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly agents: Lanes;
}

export interface Credentials {
  /** The API server's address without a slash at its end. */
  readonly server: string;
  /**
   * As last read; read again now and then. Rejects with a KubeError, also when the signal aborts first. `signal` is called
   * only when something is read.
   */
  current(signal: () => AbortSignal | undefined): Promise<Access>;
  /** The API server did not accept them: the next request reads everything again. */
  refused(): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** In-cluster tokens and CA files are replaced under a running process. */
const FRESH_MS = 30_000;
/** A credential plugin that says nothing for so long is not waited for. */
const READING_MS = 10_000;
const TLS_KEYS = ["ca", "cert", "key", "pfx", "passphrase", "servername", "rejectUnauthorized"] as const;

type HttpsOptions = Partial<Record<(typeof TLS_KEYS)[number], unknown>> & { headers?: Record<string, string> };

/**
 * Reads what the kubeconfig says about authentication: files, tokens, plugins. Throws a KubeError when there is none.
 */
export function createCredentials(choice: KubeconfigChoice): Credentials {
  let config = loadKubeconfig(choice);
  const server = serverOf(config);
  const agents = createAgents();
  let access: Access | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Access> | undefined;

  const read = async (): Promise<Access> => {
    try {
      const { headers, tls } = await within(READING_MS, optionsOf(config));
      access = { headers, agents: agents.for(tls) };
      readAt = performance.now();
      return access;
    } catch (error) {
      // What was good a moment ago may still be, while a file is being replaced or a plugin fails once.
      if (access !== undefined) return access;
      throw error;
    } finally {
      reading = undefined;
    }
  };
  return {
    server,
    current: async (signal) => {
      if (access !== undefined && performance.now() - readAt < FRESH_MS) return access;
      reading ??= read();
      return unlessAborted(reading, signal());
    },
    refused: () => {
      readAt = Number.NEGATIVE_INFINITY;
      try {
        config = loadKubeconfig(choice);
      } catch {
        // It is being written: the one that was read before still says where to find everything.
      }
    },
    close: () => agents.close(),
  };
}

function serverOf(config: KubeConfig): string {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw noCredentials("the kubeconfig has no current cluster", undefined);
  return cluster.server.replace(/\/+$/, "");
}

async function optionsOf(config: KubeConfig): Promise<{ headers: Record<string, string>; tls: TlsMaterial }> {
  // A token file's reader expects the headers to be there.
  const options: HttpsOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig["applyToHTTPSOptions"]>[0]);
  } catch (error) {
    throw noCredentials("the credentials for the API server cannot be read", error);
  }
  const { headers = {}, ...rest } = options;
  const tls = Object.fromEntries(TLS_KEYS.filter((key) => rest[key] !== undefined).map((key) => [key, rest[key]]));
  return { headers, tls };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    timeout.abort();
  }, ms);
  try {
    return await unlessAborted(promise, timeout.signal);
  } finally {
    clearTimeout(timer);
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(noCredentials("the credentials for the API server were not read in time", undefined));
    };
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", giveUp);
    });
  });
}
