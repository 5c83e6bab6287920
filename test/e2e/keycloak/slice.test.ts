import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { expiresIn } from "../../integration/keycloak/expires-in.ts";
import { requestToken, verifyToken } from "./token.ts";

const LONG = 300_000;

describeKeycloak(() => {
  let world: RealmWorld;
  beforeAll(async () => {
    world = await createRealmWorld();
  }, LONG);
  afterAll(() => world.end(), LONG);

  const verified = (namespace: string, name: string) =>
    eventually(
      () => world.cluster.get("M2MClient", namespace, name),
      (object) => conditionOf(object, "Verified")?.status === "True",
      "Verified",
      120_000,
    );
  /** Writes that anybody made in the realm. */
  const writes = async (): Promise<number> =>
    ((await world.realm.admin("GET", "/admin-events?max=1000")) as object[]).length;

  it(
    "three resources, applied in reverse order, become objects of the realm and a Secret that gets a good token",
    async () => {
      const ns = await world.namespace();
      await world.grant(ns, "uploads", {
        clientRef: { name: "importer" },
        apiRef: { name: "timesheets" },
        scopes: ["read:things"],
      });
      await world.client(ns, "importer", { displayName: "Import Job", secret: { name: "importer-oauth" } });
      await world.api(ns, "timesheets", { tokens: { lifetime: "1h", signingAlgorithm: "RS256" } });
      await world.ready("ScopeGrant", ns, "uploads");
      await world.ready("M2MClient", ns, "importer");
      await world.ready("OAuthApi", ns, "timesheets");
      await verified(ns, "importer");

      const { caPem } = keycloak();
      const secret = (await world.cluster.secret(ns, "importer-oauth")) ?? {};
      const answer = await requestToken(secret, caPem);
      expect(answer).toMatchObject({ status: 200, expires_in: expiresIn(3600), scope: "read:things" });
      const { payload } = await verifyToken(secret, caPem, answer.access_token);
      expect(payload).toMatchObject({ azp: secret["client_id"], aud: secret["audience"] });
      // What was not granted is refused, and without scopes there is a token for nothing.
      expect((await requestToken(secret, caPem, "write:things")).status).toBe(400);

      for (const [kind, name] of [
        ["OAuthApi", "timesheets"],
        ["ScopeGrant", "uploads"],
        ["M2MClient", "importer"],
      ] as const)
        await world.cluster.remove(kind, ns, name);
      for (const [kind, name] of [
        ["ScopeGrant", "uploads"],
        ["M2MClient", "importer"],
        ["OAuthApi", "timesheets"],
      ] as const)
        await world.gone(kind, ns, name);
      expect(await world.realm.clients()).toEqual([]);
      expect(await world.realm.scopes()).toEqual([]);
    },
    LONG,
  );

  it(
    "at rest nothing is written in the realm",
    async () => {
      const ns = await world.namespace();
      await world.client(ns, "quiet");
      await world.api(ns, "quiet");
      await world.grant(ns, "quiet", { clientRef: { name: "quiet" }, apiRef: { name: "quiet" }, allScopes: true });
      await world.ready("ScopeGrant", ns, "quiet");
      await verified(ns, "quiet");
      const before = await writes();
      await world.annotate("M2MClient", ns, "quiet", "reconcile-requested-at", "one");
      await world.annotate("ScopeGrant", ns, "quiet", "reconcile-requested-at", "one");
      for (const kind of ["M2MClient", "ScopeGrant"])
        await eventually(
          () => world.cluster.get(kind, ns, "quiet"),
          (object) => object?.status?.["lastHandledReconcileAt"] === "one",
          "the request handled",
          120_000,
        );
      expect(await writes()).toBe(before);
    },
    LONG,
  );
});
