import { createHmac, randomBytes } from "node:crypto";
import { createProviderFactory } from "../../src/assembly/provider-factory.ts";
import { serviceAccountTokens } from "../../src/kube/service-account-tokens.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ProviderFactory } from "../../src/ports/provider-factory.ts";

/** Where the plugin may send the credential of a provider object, beside the vendor's own cloud. */
export interface Reach {
  readonly allowedHosts: readonly string[];
  readonly allowPrivateAddresses: boolean;
  /** File with a token of the operator's service account, for provider objects that name no Secret. */
  readonly serviceAccountToken: string | undefined;
  /** Namespace of the operator, with its service account and the credentials of ClusterIdentityProviders. */
  readonly operatorNamespace: string;
}

const TIMEOUT_MS = 20_000;
/** The operator reads smaller pages instead. The plugin reads a tenant once. */
const MAX_ANSWER_BYTES = 16_777_216;

/** The operator's factory of providers, in a process that lives for one command. */
export interface TenantFactory extends ProviderFactory {
  /** From now on no timer keeps the process alive. */
  release(): void;
}

/** The operator's own way to a tenant: the same adapters, limits, hosts and certificates. */
export function tenantFactory(
  { serviceAccountToken, operatorNamespace, ...reach }: Reach,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): TenantFactory {
  const httpsProxy = env["HTTPS_PROXY"] ?? env["https_proxy"];
  const noProxy = env["NO_PROXY"] ?? env["no_proxy"];
  const key = randomBytes(32);
  const { clock, release } = createClock();
  const factory = createProviderFactory({
    config: {
      ...{ ...reach, allowedHosts: [...reach.allowedHosts], httpsProxy, noProxy },
      ...{ providerTimeoutMs: TIMEOUT_MS, maxAnswerBytes: MAX_ANSWER_BYTES, settleMs: 0 },
    },
    clock,
    exchanges: { observe: () => undefined, forget: () => undefined },
    fingerprint: (value) => createHmac("sha256", key).update(value).digest("hex"),
    readServiceAccountToken: serviceAccountTokens(
      { path: serviceAccountToken, flag: "--service-account-token", adviceFor: creatingAdvice(operatorNamespace) },
      () => clock.now(),
    ),
    leaving: new AbortController().signal,
    mayCall: () => true,
    warn: (message, about) => {
      warn(`${message}: ${Object.values(about).join(": ")}`);
    },
  });
  return { ...factory, release };
}

const creatingAdvice =
  (namespace: string) =>
  (audience: string): string =>
    `Write the output of this command to the file: kubectl create token m2m-operator --namespace ${namespace} --audience ${audience}`;

function createClock(): { readonly clock: Clock; readonly release: () => void } {
  const timers = new Set<NodeJS.Timeout>();
  let isReleased = false;
  return {
    clock: {
      now: () => new Date(),
      monotonicMs: () => performance.now(),
      after: (ms, fn) => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          fn();
        }, ms);
        timers.add(timer);
        if (isReleased) timer.unref();
        return () => {
          timers.delete(timer);
          clearTimeout(timer);
        };
      },
      random: () => Math.random(),
    },
    release: () => {
      isReleased = true;
      for (const timer of timers) timer.unref();
    },
  };
}
