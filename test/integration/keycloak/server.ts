import { describe, inject, it } from "vitest";
import type { KeycloakAddress } from "../../../keycloak/start.ts";
import type { Realm } from "../../../keycloak/realm.ts";
import type { Fetch } from "../../../src/ports/http-transport.ts";
import type { Provider } from "../../../src/ports/provider.ts";
import { connectedBy, transportBy } from "../../contract/connected.ts";

/** A running server, or why there is none. */
export type ProvidedKeycloak = KeycloakAddress | { readonly missing: string };

declare module "vitest" {
  export interface ProvidedContext {
    keycloak: ProvidedKeycloak;
  }
}

/** A realm takes half a second on an idle machine, and the server shares two cores with every other test. */
const PATIENCE_MS = 300_000;

/** The one Keycloak of this run. */
export function keycloak(): KeycloakAddress {
  const provided = inject("keycloak");
  if ("missing" in provided) throw new Error(provided.missing);
  return provided;
}

/** Tests that need the server. Where none can run, they are reported as skipped, with the reason in their name. */
export function describeKeycloak(tests: () => void): void {
  const provided = inject("keycloak");
  if ("missing" in provided) it.skip(`Keycloak does not run here: ${provided.missing}`);
  else describe("a real Keycloak", { timeout: PATIENCE_MS }, tests);
}

/** The adapter on real requests to the realm. */
export async function connectTo(
  realm: Realm,
  {
    by = (fetch) => fetch,
    isReadOnly = false,
    credentials = { client_id: realm.clientId, client_secret: realm.clientSecret },
    address = keycloak(),
  }: {
    readonly by?: (fetch: Fetch) => Fetch;
    readonly isReadOnly?: boolean;
    readonly credentials?: Readonly<Record<string, string>>;
    /** Default: the one Keycloak of this run. */
    readonly address?: KeycloakAddress;
  } = {},
): Promise<Provider> {
  const { url, caPem } = address;
  const fetch = await transportBy("keycloak", { caPem, hosts: [new URL(url).host] });
  return connectedBy("keycloak", { url, realm: realm.name }, credentials, { fetch: by(fetch), isReadOnly });
}
