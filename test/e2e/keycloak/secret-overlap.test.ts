import { expect, it } from "vitest";
import { eventually } from "../../integration/cluster.ts";
import { allowTwoSecrets, describeSecretRotation } from "../../integration/keycloak/rotation-server.ts";
import { credentialsOf, passingKeys, subjectIn } from "../rotation/rotations.ts";
import { startWorkload } from "../rotation/workload.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";

const rotation = { announce: "4s", overlap: "10s", maxWait: "0s", waitForPods: "None" };

describeSecretRotation((address) => {
  const withWorld = async (test: (world: RealmWorld) => Promise<void>): Promise<void> => {
    const world = await createRealmWorld({ server: address() });
    try {
      await test(world);
    } finally {
      await world.end();
    }
  };
  const createSubject = async (world: RealmWorld) => {
    const ns = await world.namespace();
    await world.api(ns, "things", { scopes: [{ name: `${ns}:read` }] });
    await world.client(ns, "job", { rotation });
    const refs = { clientRef: { name: "job" }, apiRef: { name: "things" } };
    await world.grant(ns, "job-things", { ...refs, scopes: [`${ns}:read`] });
    await world.ready("ScopeGrant", ns, "job-things");
    await world.ready("M2MClient", ns, "job");
    return subjectIn(world, ns);
  };

  it("rotates a secret with two that work, announces none, and no request of a program that only reads again fails", () =>
    withWorld(async (world) => {
      await allowTwoSecrets(world.realm);
      const subject = await createSubject(world);
      const [from, before] = [await subject.current(), await subject.secret()];
      const workload = startWorkload({
        ...{ read: () => subject.secret(), caPem: address().caPem, filesBehindMs: 1000 },
        ...{ fallsBack: false, everyMs: 300 },
      });
      await subject.rotate();
      await eventually(
        subject.client,
        (client) => credentialsOf(client).some(({ state }) => state === "Retiring"),
        "the overlap",
        120_000,
      );
      expect(passingKeys(await subject.secret())).toEqual([]);
      await subject.rotated(from);
      expect(await workload.stop()).toMatchObject({ failed: 0 });
      const after = await subject.secret();
      expect(after["client_secret"] === before["client_secret"]).toBe(false);
      const seen = (await world.realm.client(after["client_id"] ?? "")) ?? {};
      expect(seen["secret"] === after["client_secret"]).toBe(true);
      expect(Object.keys(seen["attributes"] as object)).not.toContain("client.secret.rotated");
    }));

  it("announces the next secret where no policy of the realm lets the client have two", () =>
    withWorld(async (world) => {
      const subject = await createSubject(world);
      const from = await subject.current();
      const workload = startWorkload({
        ...{ read: () => subject.secret(), caPem: address().caPem, filesBehindMs: 1000 },
        ...{ fallsBack: true, everyMs: 300 },
      });
      await subject.rotate();
      await eventually(
        () => subject.secret(),
        (secret) => passingKeys(secret).length > 0,
        "the announcement",
        120_000,
      );
      await subject.rotated(from);
      expect(await workload.stop()).toMatchObject({ failed: 0 });
    }));
});
