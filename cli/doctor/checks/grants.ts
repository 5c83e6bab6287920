import type { Check } from "../check.ts";

/** A grant of every scope, also of future ones. */
export const allScopes: Check = {
  name: "all-scopes",
  severity: "warning",
  reports: "A ScopeGrant has `allScopes: true`.",
  risk: "The client also gets every scope that somebody adds to the API later.",
  todo: "List the scopes that the client needs in spec.scopes.",
  needs: ["grants"],
  find: ({ grants }) =>
    grants
      .filter(({ spec }) => spec.allScopes === true)
      .map((grant) => ({
        on: grant,
        why: `It grants every scope of the API${grant.spec.allClients === true ? " to every client of the tenant" : ""}.`,
      })),
};

/** A grant whose credential no workload uses. */
export const unusedGrant: Check = {
  name: "unused-grant",
  severity: "warning",
  reports: "No Pod, Deployment, StatefulSet, DaemonSet or CronJob uses the Secret with the credential of a ScopeGrant.",
  risk: "The access stays in force at the tenant although nobody needs it.",
  todo: "Delete the ScopeGrant. Dismiss the finding if a program reads the Secret through the API server.",
  needs: ["clients", "grants", "workloads"],
  find: ({ clients, grants, workloads }) =>
    grants.flatMap((grant) => {
      const { namespace = "" } = grant.metadata;
      const client = clients.find(
        ({ metadata }) => metadata.namespace === namespace && metadata.name === grant.spec.clientRef?.name,
      );
      const published = client?.status?.binding?.name;
      if (published === undefined) return [];
      const own = grant.spec.secret?.name;
      const secrets = own === undefined ? [published] : [published, own];
      const isUsed = workloads.some(
        (workload) => workload.namespace === namespace && secrets.some((secret) => workload.secrets.has(secret)),
      );
      return isUsed
        ? []
        : [{ on: grant, why: `Nothing in namespace ${namespace} uses Secret ${secrets.join(" or ")}.` }];
    }),
};
