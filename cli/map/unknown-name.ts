import { nearestName } from "../../src/ports/nearest-name.ts";
import { isNamedBy, type MapFilter, namesOfApi, namesOfClient } from "./filter.ts";
import type { AccessMap } from "./model.ts";

/** Why a filter cannot match: nothing of the map has its name. A pattern may match nothing. */
export function unknownName(
  map: AccessMap,
  { client, api }: Pick<MapFilter, "client" | "api">,
): { readonly message: string; readonly advice: string } | undefined {
  const clients = map.clients.filter(({ isEveryone }) => isEveryone !== true).map(namesOfClient);
  return problemOf("client", client, clients) ?? problemOf("API", api, map.apis.map(namesOfApi));
}

function problemOf(what: string, text: string | undefined, all: readonly (readonly string[])[]) {
  if (text === undefined || text.includes("*") || all.some((names) => isNamedBy(text, names))) return undefined;
  const near = nearestName(text, all.flat());
  return {
    message: `No ${what} "${text}" is in the map.`,
    advice:
      near === undefined
        ? "Use -A for every namespace, and --tenant for the tenant itself."
        : `Did you mean "${near}"?`,
  };
}
