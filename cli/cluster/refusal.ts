import { KubeError } from "../../src/kube/kube-error.ts";
import { GROUP } from "../../src/kinds/registry.ts";
import { Failure } from "../failure.ts";

/** The request that was refused, in the words of RBAC. */
export interface Attempt {
  readonly verb: "get" | "list" | "watch" | "patch" | "create";
  readonly plural: string;
  /** Empty for the core group. */
  readonly group: string;
  /** `undefined` for a request about all namespaces, or an object without one. */
  readonly namespace: string | undefined;
}

const placeOf = ({ namespace }: Attempt): string =>
  namespace === undefined ? "in the cluster" : `in namespace ${namespace}`;

const resourceOf = ({ plural, group }: Attempt): string => (group === "" ? plural : `${plural}.${group}`);

/** `no permission to list pods in namespace billing`: for a note beside what could be read. */
export const missingPermission = (attempt: Attempt): string =>
  `no permission to ${attempt.verb} ${resourceOf(attempt)} ${placeOf(attempt)}`;

export const isForbidden = (error: unknown): boolean => error instanceof KubeError && error.code === 403;

/** The API server answers a path that it does not serve without a Status object. */
export const isKindMissing = (error: unknown): boolean =>
  error instanceof KubeError && error.code === 404 && error.reason !== "NotFound";

/** What a refused request means for people, and what to do. Everything else is returned as it came. */
export function explained(error: unknown, attempt: Attempt, host: string): unknown {
  if (!(error instanceof KubeError)) return error;
  if (error.code === 403) return forbidden(attempt);
  if (error.code === 401)
    return new Failure(
      `The API server ${host} does not accept your credentials.`,
      "Log in again, or choose another context with --context.",
    );
  if (isKindMissing(error) && attempt.group === GROUP)
    return new Failure(
      `The cluster does not have the resource ${resourceOf(attempt)}.`,
      "Install the operator's CRDs, or choose another cluster with --context.",
    );
  if (error.reason === "NoCredentials")
    return new Failure(`${capital(error.message)}.`, "Correct --kubeconfig or --context.");
  if (error.code === 0)
    return new Failure(
      `The API server ${host} did not answer.`,
      "Check the network and the context: kubectl config current-context.",
    );
  return new Failure(`The API server refused to ${attempt.verb} ${resourceOf(attempt)}: ${error.message}`);
}

/** In what kubectl prints of a request that RBAC refused. */
const FORBIDDEN =
  /cannot (get|list|watch|patch|create) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** The same for what kubectl printed. `undefined` when it failed for another reason. */
export function forbiddenByText(printed: string): Failure | undefined {
  const [, verb, plural = "", group = "", namespace] = FORBIDDEN.exec(printed) ?? [];
  return verb === undefined ? undefined : forbidden({ verb: verb as Attempt["verb"], plural, group, namespace });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function forbidden(attempt: Attempt): Failure {
  const { verb, namespace } = attempt;
  const role = namespace === undefined ? "ClusterRole" : "Role";
  return new Failure(
    `You may not ${verb} ${resourceOf(attempt)} ${placeOf(attempt)}.`,
    `Ask an administrator for a ${role} with the verb ${verb} on ${resourceOf(attempt)}${namespace === undefined ? "" : ` in ${namespace}`}.`,
  );
}
