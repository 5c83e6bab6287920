import type { Probe } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import { isRefused } from "../refused.ts";
import type { KeycloakContext } from "./context.ts";
import type { ClientDocument, ServerDocument } from "./documents.ts";
import { neededRole } from "./permissions.ts";
import { FEATURE } from "./secret-overlap.ts";

/** A feature that servers have by default since 26.7, whether or not it is on. Their version is shown to nobody but realm admins. */
const SINCE_26_7 = "CLIENT_AUTH_FEDERATED";

/** Throws `outdated` for a server that is older than 26.7. Keycloak never says which role is missing. */
export async function probe({ session, ownClientId, isReadOnly, overlap }: KeycloakContext): Promise<Probe> {
  const role = neededRole(isReadOnly);
  const missing = () => ({ missingPermissions: [role], ownClientId: ownClientId() });
  try {
    const [first] = await session.get<readonly ClientDocument[]>("/clients?first=0&max=1");
    if (!isReadOnly && first?.access?.configure !== true) return missing();
  } catch (error) {
    if (isRefused(error)) return missing();
    throw error;
  }
  const { features } = await session.server<ServerDocument>("/serverinfo");
  const type = features.find(({ name }) => name === SINCE_26_7)?.type;
  if (type !== "DEFAULT" && type !== "SUPPORTED") throw tooOld();
  overlap.offer(features.some(({ name, enabled }) => name === FEATURE && enabled === true));
  return { missingPermissions: [], ownClientId: ownClientId() };
}

const tooOld = (): ProviderError =>
  new ProviderError(
    "outdated",
    "The server is older than Keycloak 26.7. It accepts a secret by another method than the client's, and its tokens do not name the client ID. Upgrade it.",
  );
