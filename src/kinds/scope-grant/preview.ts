import { differences, settingsText } from "../access/differences.ts";
import type { Preview } from "../access/observe-only.ts";
import type { GrantChange, ObservedGrant } from "../../ports/provider.ts";
import type { Action, Observed } from "./model.ts";

/** What the plan of a ScopeGrant would do at the tenant. */
export const PREVIEW: Preview<Action, Observed> = {
  describe: (action, observed) => {
    const { audience, scopes } = grantText(observed);
    switch (action.type) {
      case "createGrant":
        return `grant ${scopesText(action.scopes)} on ${action.api.audience}${settingsText({
          organizations: action.organizations,
          lifetimeSeconds: action.lifetimeSeconds,
        })}`;
      case "adoptGrant":
        return `adopt the grant of ${scopes} on ${audience}`;
      case "updateGrant":
        return `update the grant on ${audience} (${changeText(action.change, grantIn(observed))})`;
      case "removeGrant":
        return `delete the grant of ${scopes} on ${audience}`;
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

function grantText(observed: Observed): { readonly audience: string; readonly scopes: string } {
  const { audience, scopes } = grantIn(observed) ?? { audience: "the API", scopes: [] };
  return { audience, scopes: scopesText(scopes) };
}

function changeText({ restore, ...change }: GrantChange, grant: ObservedGrant | undefined): string {
  const parts = [differences(change, grant), ...(restore === true ? ["enable it again"] : [])];
  return parts.filter((part) => part !== "").join(", ");
}

const grantIn = ({ remote }: Observed): ObservedGrant | undefined =>
  remote.kind === "read" ? remote.grant : undefined;

const scopesText = (scopes: readonly string[]): string =>
  scopes.length === 0 ? "the audience alone" : scopes.join(" ");
