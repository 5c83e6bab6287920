import type { z } from "zod";
import { invalid, managementError } from "./errors.ts";
import { isObject, type Json, without } from "./json.ts";
import type { Org } from "./org.ts";

export const notWellFormed = () => managementError(400, "E0000003", "The request body was not well-formed.");

/** Unknown members are ignored; what is wrong is named by its field. */
export function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  if (!isObject(body)) throw notWellFormed();
  const { data, success, error } = schema.safeParse(body);
  if (success) return data;
  const issue = error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw invalid(field, `${field}: ${issue?.message ?? "invalid"}`);
}

/** What an update sends beyond what was understood of it: such members are shown again until an update omits them. */
export function unknownOf({ knobs }: Org, body: unknown, understood: object): Json {
  if (!knobs.updateKeepsUnknown) return {};
  const { _links: _navigation, _embedded: _expanded, ...unknown } = without(body, understood);
  return unknown;
}
