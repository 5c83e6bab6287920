import { differences } from "../access/differences.ts";
import type { Preview } from "../access/observe-only.ts";
import type { ObservedGrant } from "../../ports/provider.ts";
import type { Action, Observed } from "./model.ts";

/** What the plan of a ScopeGrant would do at the tenant. */
export const PREVIEW: Preview<Action, Observed> = {
  describe: (action, observed) => {
    const grant = grantIn(observed);
    switch (action.type) {
      case "createGrant":
        return `grant ${scopesText(action.scopes)} on ${action.api.audience}`;
      case "adoptGrant":
        return `adopt the grant of ${scopesText(grant?.scopes ?? [])} on ${grant?.audience ?? action.ref}`;
      case "updateGrant": {
        const { restore, ...change } = action.change;
        const parts = [differences(change, grant), ...(restore === true ? ["switch it on again"] : [])];
        return `update the grant on ${grant?.audience ?? action.ref} (${parts.filter((part) => part !== "").join(", ")})`;
      }
      case "removeGrant":
        return `delete the grant of ${scopesText(grant?.scopes ?? [])} on ${grant?.audience ?? action.ref}`;
      case "removeDuplicateGrant":
        return `delete the duplicate grant ${action.ref}`;
      case "addFinalizer":
      case "publishSecret":
      case "removeFormerSecret":
      case "abandonGrant":
      case "removeFinalizer":
        return undefined;
    }
  },
  after: (action, observed) =>
    action.type === "adoptGrant" ? { ...observed, origin: "Adopted", isNew: false } : undefined,
};

const grantIn = ({ remote }: Observed): ObservedGrant | undefined =>
  remote.kind === "read" ? remote.grant : undefined;

const scopesText = (scopes: readonly string[]): string =>
  scopes.length === 0 ? "the audience alone" : scopes.join(" ");
