import type { Check, Hit } from "../check.ts";
import { declarationOf } from "../relations.ts";

/** The operator's credential at the tenant lacks permissions. */
export const missingPermissions: Check = {
  name: "missing-permissions",
  severity: "error",
  reports: "The operator's credential lacks permissions at the tenant.",
  risk: "The operator does not reconcile the resources of this provider.",
  todo: "Grant these permissions to the operator's client at the tenant.",
  needs: [],
  wants: ["providers"],
  find: ({ providers }) =>
    providers.flatMap((provider): readonly Hit[] => {
      const missing = provider.status?.missingPermissions ?? [];
      if (missing.length === 0) return [];
      return [{ on: provider, why: `The operator's credential lacks: ${missing.join(", ")}.` }];
    }),
};

/** The operator's credential has permissions that no feature needs. */
export const excessPermissions: Check = {
  name: "excess-permissions",
  severity: "warning",
  reports: "The operator's credential has permissions at the tenant that no feature of the operator needs.",
  risk: "Anyone who gets this credential can do more at the tenant than the operator.",
  todo: "Remove these permissions from the operator's client at the tenant.",
  needs: [],
  wants: ["providers"],
  find: ({ providers }) =>
    providers.flatMap((provider): readonly Hit[] => {
      const excess = provider.status?.excessPermissions ?? [];
      if (excess.length === 0) return [];
      return [{ on: provider, why: `The operator's credential also has: ${excess.join(", ")}.` }];
    }),
  unjudged: ({ providers }) =>
    providers
      .filter(({ status }) => status?.excessPermissions === undefined)
      .map((provider) => {
        const label = declarationOf(provider)?.label ?? "the provider";
        return { on: provider, why: `${label} has not shown the permissions of the credential` };
      }),
};
