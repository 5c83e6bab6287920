import type { Attributes, AttributeChange } from "./attributes.ts";
import type { ClientDocument } from "./documents.ts";

/** Keycloak's own attributes of the second secret. They are in no documentation, so what they do is checked each time. */
const VALUE = "client.secret.rotated";
const CREATED = `${VALUE}.creation.time`;
const EXPIRES = `${VALUE}.expiration.time`;

/** The operator revokes it long before. */
const KEPT_FOR_SECONDS = 10 * 365 * 86_400;

const secondsOf = (time: Date): number => Math.floor(time.getTime() / 1000);

/** The second secret that the client can authenticate with; `undefined` where there is none or it has expired. */
export function rotatedIn({ attributes, secret }: ClientDocument, now: Date): string | undefined {
  const value = attributes[VALUE] ?? "";
  const expires = Number((attributes as Attributes)[EXPIRES] ?? "0");
  return value === "" || value === secret || expires <= secondsOf(now) ? undefined : value;
}

/** Ends the second secret. */
export const withoutRotated = (): AttributeChange => ({ [VALUE]: null, [CREATED]: null, [EXPIRES]: null });

/** Makes this the second secret of a client. */
export const rotatedChange = (value: string, now: Date): AttributeChange => ({
  [VALUE]: value,
  [CREATED]: String(secondsOf(now)),
  [EXPIRES]: String(secondsOf(now) + KEPT_FOR_SECONDS),
});
