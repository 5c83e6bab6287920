import type { Fault as ProviderFault } from "../../sandbox/faults.ts";
import type { ProxyFault } from "../integration/kube/fault-proxy.ts";
import type { Vendor } from "./lane.ts";
import { providerAnswer, kubernetesAnswer } from "./refusals.ts";
import type { Step } from "./steps.ts";

/** One way in which a call or a write fails. */
export interface Fault {
  readonly name: string;
  /** How often in a row; a lasting fault is met by what tries again. */
  readonly times: readonly number[];
  /** `undefined`: a provider's call cannot fail so. */
  readonly ofProvider?: (vendor: Vendor, step: Step) => ProviderFault["effect"] | undefined;
  /** `undefined`: a write cannot fail so. */
  readonly ofKubernetes?: (step: Step) => Omit<ProxyFault, "matches">;
  /** The operator's process is killed when the step was carried out, before it gets the answer. */
  readonly isKill?: true;
}

const ONCE_AND_LASTING = [1, 3];
/** Longer than the operator waits for an answer. */
const LATE_MS = 1500;
const REFUSING_MS = 400;
const HTML = "<!doctype html><title>Sign in</title><p>This network needs you to sign in.</p>";

const status = (code: number, more: Partial<Fault> = {}): Fault => ({
  name: String(code),
  times: ONCE_AND_LASTING,
  ofProvider: (vendor, step) => ({ status: code, body: providerAnswer(vendor, step.path, code) }),
  ofKubernetes: () => ({ answer: { status: code, body: kubernetesAnswer(code) } }),
  ...more,
});

export const FAULTS: readonly Fault[] = [
  {
    name: "refused",
    times: ONCE_AND_LASTING,
    ofProvider: () => ({ refuseMs: REFUSING_MS }),
    ofKubernetes: () => ({ refuseMs: REFUSING_MS, cut: "before" }),
  },
  {
    name: "dropped before",
    times: ONCE_AND_LASTING,
    ofProvider: () => ({ drop: "before" }),
    ofKubernetes: () => ({ cut: "before" }),
  },
  {
    name: "dropped after",
    times: ONCE_AND_LASTING,
    ofProvider: () => ({ drop: "after" }),
    ofKubernetes: () => ({ cut: "after" }),
  },
  {
    name: "answer cut",
    times: ONCE_AND_LASTING,
    ofProvider: () => ({ cut: true }),
    ofKubernetes: () => ({ cut: "within" }),
  },
  {
    name: "HTML page",
    times: ONCE_AND_LASTING,
    ofProvider: () => ({ status: 200, body: HTML, headers: { "content-type": "text/html; charset=utf-8" } }),
    ofKubernetes: () => ({ answer: { status: 200, body: HTML, headers: { "content-type": "text/html" } } }),
  },
  status(400),
  status(401),
  status(403),
  status(404),
  status(409),
  status(429, { name: "429 without a time" }),
  status(429, {
    name: "429 with a time",
    ofProvider: () => ({ limitedForMs: 1000 }),
    ofKubernetes: () => ({ answer: { status: 429, body: kubernetesAnswer(429), headers: { "retry-after": "1" } } }),
  }),
  status(500),
  status(500, {
    name: "500 after it was done",
    ofProvider: (vendor, step) => ({ status: 500, body: providerAnswer(vendor, step.path, 500), commit: true }),
    ofKubernetes: () => ({ answer: { status: 500, body: kubernetesAnswer(500) }, commit: true }),
  }),
  status(503),
  { name: "timeout", times: ONCE_AND_LASTING, ofProvider: () => ({ latencyMs: LATE_MS }) },
  // The operator gives the API server fifteen seconds, so that one time must do.
  { name: "timeout", times: [1], ofKubernetes: () => ({ stall: true }) },
  {
    name: "stale read",
    times: ONCE_AND_LASTING,
    ofProvider: (_vendor, { method }) => (method === "GET" ? { stale: true } : undefined),
  },
  { name: "killed", times: [1], isKill: true },
];

/** Whether this step can fail in this way. */
export const applies = (fault: Fault, vendor: Vendor, step: Step): boolean =>
  fault.isKill === true ||
  (step.at === "provider" ? fault.ofProvider?.(vendor, step) !== undefined : fault.ofKubernetes !== undefined);
