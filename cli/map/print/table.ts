import { titleOf, type AccessMap } from "../model.ts";
import { credentialAge, rowsOf } from "../rows.ts";

export const MAP_COLUMNS = [
  ...["TENANT", "CLIENT", "API", "SCOPES", "ORGANIZATIONS", "FROM", "METHOD", "CREDENTIAL", "RESTRICTION"],
] as const;

/** One row for each client and API. Names come from tenants, and must not move the cursor of a terminal. */
export const mapRows = (map: AccessMap): readonly (readonly string[])[] =>
  rowsOf(map).map(({ client, api, scopes, organizations, origins, restriction }) =>
    [
      ...[client.tenant, titleOf(client), titleOf(api), scopes, organizations, origins.join(", ")],
      ...[client.method ?? "", credentialAge(client, map.madeAt), restriction],
    ].map(visible),
  );

/** Without control characters and those that change the direction of text. */
export const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
