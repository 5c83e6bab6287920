import type { ServiceAccounts } from "../ports/service-accounts.ts";
import type { Connection } from "./connection.ts";
import { isNotFound, KubeError } from "./kube-error.ts";
import { METADATA_OBJECT } from "./listing.ts";
import { collectionPath } from "./resources.ts";

interface PartialObject {
  readonly metadata?: { readonly deletionTimestamp?: string };
}

interface TokenRequestAnswer {
  readonly status?: { readonly token?: unknown };
}

/** `requestsTokens`: whether the operator is configured to request tokens of service accounts. */
export function createServiceAccounts(
  connection: Pick<Connection, "request">,
  { requestsTokens }: { readonly requestsTokens: boolean },
): ServiceAccounts {
  return {
    exists: async (namespace, name) => {
      try {
        const { metadata } = await connection.request<PartialObject>({
          method: "GET",
          path: pathOf(namespace, name),
          // Nothing else of it is read.
          accept: METADATA_OBJECT,
        });
        return metadata?.deletionTimestamp === undefined;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    requestToken: requestsTokens
      ? async ({ namespace, name, audience, seconds }) => {
          const path = `${pathOf(namespace, name)}/token`;
          const { status } = await connection.request<TokenRequestAnswer>({
            method: "POST",
            path,
            body: {
              ...{ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
              spec: { audiences: [audience], expirationSeconds: seconds },
            },
          });
          const token = status?.token;
          if (typeof token === "string" && token !== "") return token;
          throw new KubeError(0, "UnreadableAnswer", `POST ${path}: the answer has no token`);
        }
      : undefined,
  };
}

const pathOf = (namespace: string, name: string): string =>
  `${collectionPath({ group: "", version: "v1", plural: "serviceaccounts" }, namespace)}/${encodeURIComponent(name)}`;
