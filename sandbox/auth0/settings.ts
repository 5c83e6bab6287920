import { managementError } from "./errors.ts";
import { checkQuery, type Query, selected } from "./paging.ts";
import type { Tenant } from "./tenant.ts";

export function getSettings(tenant: Tenant, query: Query): object {
  checkQuery(query, ["fields", "include_fields"]);
  return selected(tenant.state.settings, query);
}

/** Not shown again in the answer: the same value in hours is. */
const WRITE_ONLY = /_in_minutes$/;

/** Merged at the top and one level below; null and an emptied redirection remove. */
export function patchSettings({ state }: Tenant, body: unknown): object {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw managementError(400, "Payload validation error: 'Expected type object'.", "invalid_body");
  for (const [name, value] of Object.entries(body) as [string, unknown][]) {
    if (WRITE_ONLY.test(name)) continue;
    const isEmptied = name === "default_redirection_uri" && value === "";
    if (value === null || isEmptied) Reflect.deleteProperty(state.settings, name);
    else state.settings[name] = merged(state.settings[name], value);
  }
  return state.settings;
}

function merged(before: unknown, value: unknown): unknown {
  const isObject = (candidate: unknown): candidate is object =>
    typeof candidate === "object" && candidate !== null && !Array.isArray(candidate);
  return isObject(before) && isObject(value) ? { ...before, ...value } : value;
}
