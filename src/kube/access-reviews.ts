import type { Connection } from "./connection.ts";

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Whose token this is, and whether they may `get` this path that is no resource. Rejects with a KubeError when the API server
 * does not answer or the operator may not ask.
 */
export async function reviewAccess(
  connection: Pick<Connection, "request">,
  token: string,
  path: string,
): Promise<"allowed" | "forbidden" | "unauthenticated"> {
  const { status } = await connection.request<TokenReview>({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/tokenreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } },
  });
  const { username: user, uid, groups, extra } = status?.user ?? {};
  if (status?.authenticated !== true || user === undefined) return "unauthenticated";
  const review = await connection.request<SubjectAccessReview>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview" },
      spec: { user, uid, groups, extra, nonResourceAttributes: { path, verb: "get" } },
    },
  });
  return review.status?.allowed === true ? "allowed" : "forbidden";
}
