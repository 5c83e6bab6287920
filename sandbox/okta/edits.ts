import { z } from "zod";
import { OktaError } from "./errors.ts";
import { isObject, mergePatch } from "./json.ts";
import { act } from "./management.ts";
import type { Org } from "./org.ts";

export const editSchema = z.strictObject({
  /** PATCH, the default, merges the body into what the path shows (RFC 7396), however new a member of it may be. */
  method: z.enum(["PATCH", "PUT", "POST", "DELETE"]).default("PATCH"),
  /** Of the Management API: `/api/v1/…`. */
  path: z.string().startsWith("/api/v1/"),
  body: z.unknown().optional(),
});

/** What a person does at the console: nothing limits, delays or logs it. The answer is the one of the API. */
export async function edited(
  org: Org,
  { method, path, body }: z.output<typeof editSchema>,
): Promise<{ status: number; body?: unknown }> {
  const call = { path, query: {}, nowMs: Date.now() };
  try {
    if (method !== "PATCH") return await act(org, { ...call, method, body });
    const { body: shown } = await act(org, { ...call, method: "GET", body: undefined });
    const changed = mergePatch(isObject(shown) ? shown : {}, body);
    return await act(org, { ...call, method: "PUT", body: changed });
  } catch (refused) {
    if (!(refused instanceof OktaError)) throw refused;
    return { status: refused.status, body: refused.body };
  }
}
