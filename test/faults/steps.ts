/** One provider call or one Kubernetes write of a life, by what it is and the how-manieth of its kind it is. */
export interface Step {
  readonly at: "provider" | "kubernetes";
  readonly method: string;
  /** Without what differs from run to run: `*` stands for an id. */
  readonly path: string;
  /** From 1. */
  readonly nth: number;
}

export const textOf = ({ method, path, nth }: Step): string =>
  `${method} ${path}${nth === 1 ? "" : ` (${String(nth)})`}`;

/** Ids of both vendors, as they stand between slashes. */
const IDS =
  /^((aus|scp|ocl|00p|0pr|0oa|ocs|pks)[A-Za-z0-9]{17}|[0-9a-f]{24}|cgr_[A-Za-z0-9]{16}|cred_[A-Za-z0-9]{22}|[A-Za-z0-9]{32}|[A-Za-z0-9_-]{43})$/;

/** A provider's path without its ids. */
export const providerPath = (path: string): string =>
  path
    .split("/")
    .map((part) => (IDS.test(part) ? "*" : part))
    .join("/");

/** A regular expression for the simulated tenant that matches exactly the paths of this form. */
export const patternOf = (path: string): string =>
  `^${path
    .split("/")
    .map((part) => (part === "*" ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("/")}$`;

/** What a write of the API server is about, without namespace and case; `undefined` when it is no write in there. */
export function kubernetesPath(namespace: string, method: string, url: string): string | undefined {
  const [path = ""] = url.split("?");
  const start = `/namespaces/${namespace}/`;
  if (method === "GET" || !path.includes(start)) return undefined;
  const below = path.slice(path.indexOf(start) + start.length).replace(/-\d+(?=[./]|$)/g, "");
  return below.startsWith("events/") ? "events/*" : below;
}

/** Numbers the steps of one life in the order in which they happen. */
export function createCounter(): (step: Omit<Step, "nth">) => Step {
  const counts = new Map<string, number>();
  return (step) => {
    const key = `${step.at} ${step.method} ${step.path}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return { ...step, nth };
  };
}
