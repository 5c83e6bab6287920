import type { CredentialSecret } from "../doctor/credential-secrets.ts";
import type { Reader } from "../doctor/facts.ts";
import type { WorkloadFacts } from "../doctor/workload.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import type { Listed } from "./listed.ts";
import type { OpenCluster } from "./open.ts";
import { type Attempt, explained, isForbidden, missingPermission } from "./refusal.ts";

interface Candidate {
  /** For people. */
  readonly subject: string;
  readonly user?: string;
  readonly groups: readonly string[];
}

interface Question extends Pick<CredentialSecret, "name" | "namespace"> {
  readonly candidate: Candidate;
}

const GROUP = "authorization.k8s.io";
/** Questions at a time. */
const WIDTH = 10;

/** Asks the API server who may get these Secrets. */
export async function listReaders(
  cluster: OpenCluster,
  secrets: readonly CredentialSecret[],
  workloads: readonly WorkloadFacts[],
): Promise<Listed<Reader>> {
  const questions = secrets.flatMap((secret) =>
    candidatesFor(secret, workloads).map((candidate): Question => ({ ...secret, candidate })),
  );
  const readers: Reader[] = [];
  for (let at = 0; at < questions.length; at += WIDTH) {
    const asked = questions.slice(at, at + WIDTH);
    const answers = await Promise.all(asked.map((question) => mayRead(cluster, question)));
    for (const [index, answer] of answers.entries()) {
      const question = asked[index];
      if (typeof answer === "string") return { why: answer };
      if (!answer || question === undefined) continue;
      const { candidate, name: secret, namespace } = question;
      readers.push({ namespace, secret, subject: candidate.subject });
    }
  }
  return { items: readers };
}

/** Groups of everybody, and the ServiceAccounts of the namespace's workloads that do not use the Secret. */
function candidatesFor(
  { name, namespace }: CredentialSecret,
  workloads: readonly WorkloadFacts[],
): readonly Candidate[] {
  const inside = workloads.filter((workload) => workload.namespace === namespace && !workload.isOperator);
  const users = new Set(inside.filter(({ secrets }) => secrets.has(name)).map(({ serviceAccount }) => serviceAccount));
  const others = [...new Set(inside.map(({ serviceAccount }) => serviceAccount))].filter((one) => !users.has(one));
  const [authenticated, everyAccount] = ["system:authenticated", "system:serviceaccounts"] as const;
  const accounts = [everyAccount, `${everyAccount}:${namespace}`];
  const groups = ["system:unauthenticated", authenticated, ...accounts];
  return [
    ...groups.map((group): Candidate => ({ subject: `group ${group}`, groups: [group] })),
    ...others.map((account): Candidate => ({
      ...{ subject: `ServiceAccount ${account}`, user: `system:serviceaccount:${namespace}:${account}` },
      groups: [authenticated, ...accounts],
    })),
  ];
}

/** Whether it may, or why nobody knows. An administrator of a namespace may ask about this namespace alone. */
async function mayRead(cluster: OpenCluster, question: Question): Promise<boolean | string> {
  const { namespace } = question;
  const local = await review(cluster, question, "localsubjectaccessreviews", namespace);
  return typeof local === "string" ? review(cluster, question, "subjectaccessreviews", undefined) : local;
}

async function review(
  { connection }: OpenCluster,
  { candidate, name, namespace }: Question,
  plural: string,
  within: string | undefined,
): Promise<boolean | string> {
  const { groups, user } = candidate;
  const attempt: Attempt = { verb: "create", plural, group: GROUP, namespace: within };
  const kind = within === undefined ? "SubjectAccessReview" : "LocalSubjectAccessReview";
  try {
    const { status } = await connection.request<{ readonly status?: { readonly allowed?: boolean } }>({
      method: "POST",
      path: collectionPath({ group: GROUP, version: "v1", plural }, within),
      body: {
        ...{ apiVersion: `${GROUP}/v1`, kind },
        ...(within === undefined ? {} : { metadata: { namespace: within } }),
        spec: {
          ...(user === undefined ? { groups } : { user, groups }),
          resourceAttributes: { namespace, verb: "get", resource: "secrets", name, version: "v1" },
        },
      },
    });
    return status?.allowed === true;
  } catch (error) {
    if (isForbidden(error)) return missingPermission(attempt);
    throw explained(error, attempt, connection.host);
  }
}
