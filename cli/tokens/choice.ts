import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import type { PublishedApi, PublishedCredential } from "./published.ts";

/** The API that a token is for, or why none is clear. */
export type Choice = { readonly api: PublishedApi } | { readonly problem: string; readonly advice: string };

/** `grant`: the ScopeGrant that the user named. Without it, the only API, or the one in the flat keys. */
export function chosenApi({ apis, primary }: PublishedCredential, grant: ScopeGrant | undefined): Choice {
  if (grant !== undefined) return ofGrant(apis, grant);
  const [only, ...others] = apis;
  if (only === undefined)
    return {
      problem: "The Secret lists no API.",
      advice: "Apply a ScopeGrant for the client, or wait until it is Ready.",
    };
  if (others.length === 0) return { api: only };
  const api = apis.find(({ audience }) => audience === primary);
  if (api !== undefined) return { api };
  const names = apis.map(({ name }) => name).join(", ");
  return { problem: "The client may call several APIs.", advice: `Choose one with --grant: ${names}.` };
}

function ofGrant(apis: readonly PublishedApi[], { metadata, status }: ScopeGrant): Choice {
  const { token } = status ?? {};
  const api = apis.find(
    ({ audience, issuer }) => audience === token?.audience && (token.issuer === undefined || issuer === token.issuer),
  );
  if (api !== undefined) return { api };
  return {
    problem: `The Secret does not list the API of ScopeGrant ${metadata.name}.`,
    advice: `Read its condition: kubectl m2m status sgrant/${metadata.name} -n ${metadata.namespace ?? ""}.`,
  };
}
