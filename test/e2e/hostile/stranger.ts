import type { Fault } from "../../../sandbox/faults.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";

type Vendor = Fault["tenant"];
/** What the stranger does with one call; `undefined` answers it as the vendor would. */
export type Behaviour = (call: {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
}) => Fault["effect"] | undefined;

/** A tenant of each vendor at a host that a stranger runs, and providers for them in the stranger's namespace. */
export interface Stranger {
  readonly sandbox: Sandbox;
  /** From now on it answers like this. */
  behaves(behaviour: Behaviour): void;
  /** Calls that the behaviour was asked about since it was set. */
  calls(): number;
  /** Has the operator read this tenant again. */
  read(vendor: Vendor): Promise<void>;
  providerRef(vendor: Vendor): { readonly kind: string; readonly name: string };
  close(): Promise<void>;
}

export async function createStranger(world: World, namespace: string): Promise<Stranger> {
  const sandbox = await startSandbox();
  let [behaviour, calls]: [Behaviour, number] = [() => undefined, 0];
  sandbox.faults.match = (vendor, method, path) => {
    calls += 1;
    return behaviour({ vendor, method, path });
  };
  const providerRef = (vendor: Vendor) => ({ kind: "IdentityProvider", name: `own-${vendor}` });
  for (const vendor of ["auth0", "okta"] as const) await connect(world, namespace, vendor, sandbox);
  let reads = 0;
  return {
    sandbox,
    behaves: (next) => {
      [behaviour, calls] = [next, 0];
    },
    calls: () => calls,
    read: async (vendor) => {
      await world.annotate("IdentityProvider", namespace, `own-${vendor}`, "reconcile-requested-at", String(++reads));
      await eventually(
        () => calls,
        (count) => count > 0,
        "a call to the stranger",
      );
    },
    providerRef,
    close: () => sandbox.close(),
  };
}

async function connect(
  world: World,
  namespace: string,
  vendor: Vendor,
  { auth0, okta, caPem }: Sandbox,
): Promise<void> {
  const [variant, stringData] =
    vendor === "auth0"
      ? [{ auth0: { domain: auth0.domain } }, { client_id: auth0.clientId, client_secret: auth0.clientSecret }]
      : [{ okta: { orgUrl: okta.url } }, { api_token: okta.apiToken }];
  const name = `own-${vendor}`;
  await world.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData });
  await world.cluster.apply(
    world.resource("IdentityProvider", namespace, name, {
      ...{ ...variant, caBundle: caPem, credentialsSecretRef: { name }, driftInterval: "1h" },
      rateLimit: { requestsPerMinute: 100_000, burst: 10_000, sharePercent: 100 },
    }),
  );
  await world.ready("IdentityProvider", namespace, name);
}
