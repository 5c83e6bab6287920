import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBinaries } from "../../../control-plane/binaries.ts";
import { controlPlane } from "../../integration/control-plane.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { m2m, ran } from "../cli/plugin.ts";
import { createByHand } from "./by-hand.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { requestToken } from "./token.ts";

const LONG = 300_000;
const SECRET = "not-a-real-secret-of-theirs";

describeKeycloak(() => {
  let world: RealmWorld;
  const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
  beforeAll(async () => {
    world = await createRealmWorld();
  }, LONG);
  afterAll(async () => {
    await world.end();
    rmSync(dir, { recursive: true });
  }, LONG);

  it(
    "what somebody created in the realm becomes Ready from the export, and a second export is the same",
    async () => {
      const ns = await world.namespace();
      const [audience, scope, clientId] = [`https://${ns}.example.com`, `${ns}:read`, `job-${ns}`];
      // The operator has listed the realm without them.
      await world.ready("ClusterIdentityProvider", "", world.provider);
      await createByHand(world.realm, { audience, name: "Orders", scope }, { clientId, name: "Job", secret: SECRET });
      const { url, caPem } = keycloak();
      const reach = [
        ...["--provider", world.provider, "--operator-namespace", world.systemNamespace],
        ...["--allowed-hosts", new URL(url).host, "--allow-private-addresses"],
      ];
      const exported = () => m2m(["export", "-n", ns, ...reach], undefined, LONG);
      const first = await exported();
      expect(first).toMatchObject({ code: 0 });
      const file = join(dir, "realm.yaml");
      writeFileSync(file, first.stdout);
      const kubectl = join(await ensureBinaries(() => undefined), "kubectl");
      const env = { KUBECONFIG: controlPlane().kubeconfig };
      expect(await ran(kubectl, ["apply", "-f", file], env)).toMatchObject({ code: 0 });
      const settled = await m2m(["status", "-n", ns, "--wait", "--timeout", "5m"], undefined, LONG);
      expect(settled).toMatchObject({ code: 0 });
      const token_endpoint = `${url}/realms/${world.realm.name}/protocol/openid-connect/token`;
      const own = { client_id: clientId, client_secret: SECRET, token_endpoint, scopes: scope };
      expect(await requestToken(own, caPem)).toMatchObject({ status: 200, scope });
      expect((await exported()).stdout).toBe(first.stdout);
      const map = await m2m(["map", "-n", ns, "--tenant", ...reach, "-o", "json"], undefined, LONG);
      expect(map).toMatchObject({ code: 0 });
      for (const text of [audience, scope, clientId]) expect(map.stdout).toContain(text);
    },
    LONG,
  );
});
