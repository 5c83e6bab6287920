import type { Apis, Grants, ObservedApi, Ref } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { TenantRoom } from "./room.ts";

/** Foresees that APIs of one client disagree, where the provider issues all tokens of a client alike. Throws `disputed`. */
export interface FormatGuard {
  /** Before the client gets a grant of the API with this audience. */
  assertGrantable(client: Ref, audience: string): Promise<void>;
  /** Before the API becomes this. */
  assertChangeable(after: ObservedApi): Promise<void>;
}

interface Lookups {
  readonly apis: () => Pick<Apis, "findByAudience">;
  readonly grants: () => Pick<Grants, "ofApi" | "ofClient">;
}

export function createFormatGuard({ capabilities }: TenantRoom, { apis, grants }: Lookups): FormatGuard {
  const isNeeded = capabilities.oneTokenFormatPerClient === true;
  const formatOf = ({ tokens }: ObservedApi): string =>
    `${tokens.signingAlgorithm ?? capabilities.signingAlgorithms[0] ?? ""} and profile ${tokens.profile ?? capabilities.profiles[0] ?? ""}`;
  const assertAgrees = async (client: Ref, api: ObservedApi): Promise<void> => {
    for (const { audience } of (await grants().ofClient(client)) ?? []) {
      const other = audience === api.audience ? undefined : await apis().findByAudience(audience);
      if (other !== undefined && formatOf(other) !== formatOf(api)) throw disagreement(api, other, formatOf);
    }
  };
  return {
    assertGrantable: async (client, audience) => {
      const api = isNeeded ? await apis().findByAudience(audience) : undefined;
      if (api !== undefined) await assertAgrees(client, api);
    },
    assertChangeable: async (after) => {
      if (!isNeeded) return;
      for (const { client } of await grants().ofApi(after)) await assertAgrees(client, after);
    },
  };
}

const disagreement = (one: ObservedApi, other: ObservedApi, formatOf: (api: ObservedApi) => string): ProviderError =>
  new ProviderError(
    "disputed",
    `The provider issues all tokens of a client alike. The API ${one.audience} has ${formatOf(one)}, and the API ${other.audience} has ${formatOf(other)}. Set the same signing algorithm and profile on both, or use a client for each.`,
  );
