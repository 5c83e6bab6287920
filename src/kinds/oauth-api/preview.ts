import { differences, settingsText } from "../access/differences.ts";
import type { Preview } from "../access/observe-only.ts";
import type { ObservedApi } from "../../ports/provider.ts";
import type { Action, Observed } from "./model.ts";

/** What the plan of an OAuthApi would do at the tenant. */
export const PREVIEW: Preview<Action, Observed> = {
  describe: (action, { remote }) => {
    switch (action.type) {
      case "createApi": {
        const { audience, scopes, tokens, settings } = action.spec;
        const named = scopes.map(({ name }) => name).join(" ");
        const what = named === "" ? "without scopes" : `with scopes ${named}`;
        return `create API ${audience} ${what}${settingsText({ tokens, settings })}`;
      }
      case "adoptApi":
        return `adopt API ${apiIn(remote)?.audience ?? action.ref}`;
      case "updateApi": {
        const { restore, ...change } = action.change;
        const parts = [
          differences(change, apiIn(remote)),
          ...(restore === true ? ["enable it again"] : []),
          ...(action.remark === undefined ? [] : ["write the ownership mark"]),
        ];
        return `update API ${apiIn(remote)?.audience ?? action.ref} (${parts.filter((part) => part !== "").join(", ")})`;
      }
      case "revokeGrant":
        return `delete grant ${action.ref}`;
      case "narrowGrant":
        return `narrow grant ${action.ref} (${differences(action.change, undefined)})`;
      case "removeApi":
        return `delete API ${action.ref}`;
      case "releaseApi":
        return action.ref === undefined ? undefined : `remove the ownership mark from API ${action.ref}`;
      case "addFinalizer":
      case "publishConfigMap":
      case "publishSigningSecret":
      case "removeFormerConfigMap":
      case "removeFormerSecret":
      case "abandonApi":
      case "removeFinalizer":
        return undefined;
    }
  },
  // What is adopted is compared with the spec only then.
  after: (action, observed) => {
    const api = apiIn(observed.remote);
    if (action.type !== "adoptApi" || api === undefined) return undefined;
    return { ...observed, origin: "Adopted", remote: { kind: "found", api, duplicates: [] } };
  },
};

function apiIn(remote: Observed["remote"]): ObservedApi | undefined {
  return "api" in remote ? remote.api : undefined;
}
