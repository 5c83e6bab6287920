import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import {
  createSubject as create,
  type Credential,
  credentialsOf,
  FAST,
  passingKeys,
  type Subject,
} from "./rotations.ts";
import { startWorkload, tokenOnce } from "./workload.ts";

const KEYS = { authentication: { method: "private_key_jwt" } };

/** Everything that ends one credential and begins another. A file of its own for each vendor: much of it is waiting. */
export function describeRotations(vendor: "auth0" | "okta"): void {
  describe(`rotation at ${vendor}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await createWorld({ vendor });
    });
    afterAll(() => world.end());

    const namespaces: string[] = [];
    /** Every credential that any of these tests read. */
    const seen = new Set<string>();
    const createSubject = async (of: World, spec: object): Promise<Subject> => {
      const subject = await create(of, spec);
      namespaces.push(subject.namespace);
      const secret: Subject["secret"] = async (name) => {
        const data = await subject.secret(name);
        for (const [key, value] of Object.entries(data)) if (/secret|private_key|password/.test(key)) seen.add(value);
        return data;
      };
      return { ...subject, secret };
    };

    /** Secrets, or key ids, that the tenant takes from the client now. */
    const held = (clientId: string): readonly string[] => {
      if (vendor === "auth0") {
        const keys = (world.sandbox.tenant.state.credentials.get(clientId) ?? []).map(({ kid }) => String(kid));
        const client = world.sandbox.tenant.state.clients.get(clientId);
        return client?.["client_authentication_methods"] === undefined ? [client?.client_secret ?? ""] : keys;
      }
      const app = [...world.sandbox.org.state.apps.values()].find((one) => one.clientId === clientId);
      const all =
        app?.authMethod === "private_key_jwt"
          ? app.keys.map(({ kid }) => kid)
          : app?.secrets.map((s) => s.client_secret);
      return all ?? [];
    };
    /** One more credential, as a person would make it in the console. */
    const addByHand = (clientId: string): void => {
      const { org, tenant } = world.sandbox;
      if (vendor === "okta") {
        const app = [...org.state.apps.values()].find((one) => one.clientId === clientId);
        const [own] = app?.secrets ?? [];
        if (own !== undefined)
          app?.secrets.push({ ...own, id: "ocsMadeByHand0000001", client_secret: "not-a-real-secret-by-hand" });
        return;
      }
      const [key] = tenant.state.credentials.get(clientId) ?? [];
      const client = tenant.state.clients.get(clientId);
      if (key === undefined || client === undefined) return;
      const byHand = { ...key, id: "cred_MadeByHand0000000000", kid: "made-by-hand" };
      tenant.state.credentials.set(clientId, [key, byHand]);
      const credentials = [{ id: key.id }, { id: byHand.id }];
      Object.assign(client, { client_authentication_methods: { private_key_jwt: { credentials } } });
    };
    const eventsIn = async (namespace: string) =>
      (await world.cluster.list("Event", namespace)) as readonly { readonly reason?: string; readonly note?: string }[];
    const states = (all: readonly Credential[]): string =>
      all
        .map(({ state }) => state)
        .sort()
        .join(",");
    const until = (subject: Subject, wanted: string, withinMs = 20_000): Promise<unknown> =>
      eventually(subject.client, (client) => states(credentialsOf(client)) === wanted, wanted, withinMs);

    it.concurrent(
      "replaces a secret on request, and nothing is left of the old one",
      async () => {
        const subject = await createSubject(world, { rotation: FAST });
        const before = await subject.secret();
        await subject.rotate();
        const client = await subject.rotated(await subject.current());
        const after = await subject.secret();
        expect(after["client_secret"] === before["client_secret"]).toBe(false);
        expect(passingKeys(after)).toEqual([]);
        expect(held(after["client_id"] ?? "").map((one) => one === after["client_secret"])).toEqual([true]);
        expect(client["status"]).toMatchObject({ lastRotationAt: expect.any(String) as string });
        expect(conditionOf(client, "Ready")?.status).toBe("True");
        const events = await eventsIn(subject.namespace);
        expect(events.map(({ reason }) => reason)).toEqual(
          expect.arrayContaining(["RotationStarted", "CredentialRotated", "CredentialRetired"]),
        );
      },
      90_000,
    );

    it.concurrent(
      "replaces a key by age, both of which work in between",
      async () => {
        const subject = await createSubject(world, { ...KEYS, rotation: { ...FAST, every: "1m", overlap: "20s" } });
        const before = await subject.secret();
        expect((await subject.client())?.["status"]).toMatchObject({ nextRotationAt: expect.any(String) as string });
        await until(subject, "Current,Retiring", 90_000);
        const between = await subject.secret();
        expect(between["key_id"]).not.toBe(before["key_id"]);
        expect(passingKeys(between)).toEqual([]);
        expect([...held(before["client_id"] ?? "")].sort()).toEqual([before["key_id"], between["key_id"]].sort());
        const old = startWorkload({
          ...{ read: () => Promise.resolve(before), caPem: world.sandbox.caPem, filesBehindMs: "env" },
          ...{ fallsBack: false, everyMs: 50 },
        });
        await eventually(old.count, ({ requests }) => requests > 3, "requests with the old key");
        expect(await old.stop()).toMatchObject({ failed: 0 });
        await eventually(
          () => held(before["client_id"] ?? ""),
          (keys) => !keys.includes(before["key_id"] ?? ""),
          "the end of the old key",
          60_000,
        );
      },
      180_000,
    );

    it.concurrent(
      "changes the algorithm with a key pair that fits it, and both work in between",
      async () => {
        const [from, to] = vendor === "okta" ? (["ES256", "ES512"] as const) : (["RS256", "PS256"] as const);
        const spec = (algorithm: string) => ({ method: "private_key_jwt", privateKeyJwt: { algorithm } });
        const subject = await createSubject(world, {
          authentication: spec(from),
          rotation: { ...FAST, overlap: "10s" },
        });
        const before = await subject.secret();
        expect(before).toMatchObject({ signing_algorithm: from });
        await world.cluster.patch("M2MClient", subject.namespace, "job", { spec: { authentication: spec(to) } });
        await until(subject, "Current,Retiring", 60_000);
        const between = await subject.secret();
        expect(between).toMatchObject({ signing_algorithm: to });
        for (const secret of [before, between]) expect(await tokenOnce(secret, world.sandbox.caPem)).toBeUndefined();
        expect([...held(before["client_id"] ?? "")].sort()).toEqual([before["key_id"], between["key_id"]].sort());
        await until(subject, "Current", 60_000);
        expect(held(before["client_id"] ?? "")).toEqual([between["key_id"]]);
        expect(await tokenOnce(before, world.sandbox.caPem)).toContain("401");
        await eventually(
          subject.client,
          (client) => conditionOf(client, "Verified")?.status === "True",
          "a token by the new key",
        );
      },
      120_000,
    );

    it.concurrent(
      "changes the method by announcing it, in both directions",
      async () => {
        const subject = await createSubject(world, { rotation: FAST });
        const change = (authentication: object): Promise<unknown> =>
          world.cluster.patch("M2MClient", subject.namespace, "job", { spec: { authentication } });
        const from = await subject.current();
        await change({ method: "private_key_jwt" });
        const announced = await eventually(
          () => subject.secret(),
          (secret) => passingKeys(secret).length > 0,
          "the announcement",
        );
        expect(announced["next_token_endpoint_auth_method"]).toBe("private_key_jwt");
        expect(announced["next_private_key"]).toContain("PRIVATE KEY");
        await eventually(subject.client, (client) => conditionOf(client, "Ready")?.status === "False", "not Ready");
        await subject.rotated(from);
        const keyed = await subject.secret();
        expect(keyed).toMatchObject({ token_endpoint_auth_method: "private_key_jwt" });
        expect(keyed["client_secret"]).toBeUndefined();
        expect(held(keyed["client_id"] ?? "")).toEqual([keyed["key_id"]]);
        const keyId = await subject.current();
        await change({ method: "client_secret_post" });
        await subject.rotated(keyId);
        const secret = await eventually(
          () => subject.secret(),
          (now) => passingKeys(now).length === 0,
          "the end of the change",
          60_000,
        );
        expect(secret["token_endpoint_auth_method"]).toBe("client_secret_post");
        expect(held(secret["client_id"] ?? "").map((one) => one === secret["client_secret"])).toEqual([true]);
      },
      180_000,
    );

    it.concurrent(
      "ends everything older at once after a compromise, also in the middle of a rotation",
      async () => {
        const subject = await createSubject(world, {
          rotation: { ...FAST, announce: "1h", overlap: "1h", waitForPods: "All", maxWait: "1h" },
        });
        const first = await subject.secret();
        await subject.rotate();
        await until(subject, vendor === "okta" ? "Current,Retiring" : "Current,Next");
        const second = await subject.secret();
        await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", new Date().toISOString());
        await eventually(
          () => subject.secret(),
          (now) => now["client_secret"] !== first["client_secret"] && now["client_secret"] !== second["client_secret"],
          "another secret",
        );
        const last = await subject.secret();
        await until(subject, "Current", 60_000);
        expect(held(last["client_id"] ?? "").map((one) => one === last["client_secret"])).toEqual([true]);
        expect(last["client_secret"] === second["next_client_secret"]).toBe(false);
        const events = await eventsIn(subject.namespace);
        expect(events.find(({ reason }) => reason === "CredentialsRevoked")?.note).toContain(
          "stay valid until they expire",
        );
      },
      120_000,
    );

    it.concurrent(
      "tells of a second request during the overlap when it starts, and starts it once the old credential is revoked",
      async () => {
        const subject = await createSubject(world, { ...KEYS, rotation: { ...FAST, overlap: "1h" } });
        await subject.rotate();
        await until(subject, "Current,Retiring", 60_000);
        const second = await subject.secret();
        await subject.rotate();
        const told = await eventually(
          subject.client,
          (client) => conditionOf(client, "RotationPending")?.status === "True",
          "the condition",
        );
        const status = told?.["status"] as { readonly requestedRotationAt?: string };
        const retireAt = credentialsOf(told).find(({ state }) => state === "Retiring")?.retireAt;
        expect(status.requestedRotationAt).toBe(retireAt);
        const { message = "" } = conditionOf(told, "RotationPending") ?? {};
        expect(message).toContain(`at ${String(retireAt)}`);
        expect(conditionOf(told, "Ready")?.status).toBe("True");
        const events = await eventsIn(subject.namespace);
        expect(events.find(({ reason }) => reason === "RotationPending")?.note).toBe(message);
        const [, advice = ""] = /compromised-at: "([^"]+)"/.exec(message) ?? [];
        await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", advice);
        await eventually(
          () => subject.secret(),
          (now) => now["key_id"] !== second["key_id"],
          "a third key",
          60_000,
        );
        await eventually(
          subject.client,
          (client) => conditionOf(client, "RotationPending") === undefined,
          "the end of the condition",
        );
      },
      120_000,
    );

    it.concurrent(
      "takes requests that follow each other within minutes for one, and tells when it starts",
      async () => {
        const subject = await createSubject(world, { rotation: FAST });
        const secrets = new Set<string>();
        const begun = Date.now();
        /** Each is later than all that was made because of the one before. */
        const compromise = async (round: number): Promise<void> => {
          const time = new Date(begun + 30_000 * (round + 1)).toISOString();
          await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", time);
        };
        for (let round = 0; round < 5; round++) {
          secrets.add((await subject.secret())["client_secret"] ?? "");
          await compromise(round);
          await eventually(
            () => subject.secret(),
            (now) => !secrets.has(now["client_secret"] ?? ""),
            `another secret ${String(round)}`,
            60_000,
          );
        }
        const last = await subject.secret();
        for (let round = 6; round < 12; round++) await compromise(round);
        const told = await eventually(
          subject.client,
          (client) => conditionOf(client, "RotationPending")?.message.includes("within minutes") === true,
          "the limit",
        );
        const { requestedRotationAt = "" } = told?.["status"] as { readonly requestedRotationAt?: string };
        expect(Date.parse(requestedRotationAt)).toBeGreaterThan(begun + 290_000);
        expect((await subject.secret())["client_secret"] === last["client_secret"]).toBe(true);
      },
      180_000,
    );

    it.concurrent("says what is wrong with a compromise that is no time, and revokes nothing", async () => {
      const subject = await createSubject(world, {});
      const before = await subject.secret();
      await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", "yesterday");
      await world.reason("M2MClient", subject.namespace, "job", "InvalidRequest");
      await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", "2999-01-01T00:00:00Z");
      await eventually(
        subject.client,
        (client) => conditionOf(client, "Ready")?.message.includes("future") === true,
        "future",
      );
      expect((await subject.secret())["client_secret"] === before["client_secret"]).toBe(true);
    });

    it.concurrent.each(["job", "job.m2m-state"])(
      "goes on when Secret %s is deleted in the middle",
      async (name) => {
        const subject = await createSubject(world, {
          ...(vendor === "okta" ? KEYS : {}),
          rotation: { ...FAST, announce: "4s", overlap: "4s" },
        });
        const from = await subject.current();
        await subject.rotate();
        await until(subject, vendor === "okta" ? "Current,Retiring" : "Current,Next");
        await world.cluster.remove("Secret", subject.namespace, name);
        await eventually(
          () => subject.secret(),
          (now) => now["client_id"] !== undefined,
          "the Secret",
        );
        if (name === "job.m2m-state" && vendor === "auth0") await subject.rotate();
        await subject.rotated(from);
        const after = await subject.secret();
        const workload = startWorkload({
          ...{ read: () => subject.secret(), caPem: world.sandbox.caPem, filesBehindMs: 0 as const },
          ...{ fallsBack: false, everyMs: 20 },
        });
        await eventually(workload.count, ({ requests }) => requests > 2, "requests");
        expect(await workload.stop()).toMatchObject({ failed: 0 });
        expect(held(after["client_id"] ?? "")).toHaveLength(1);
      },
      120_000,
    );

    it.concurrent(
      "announces nothing where nobody could see it",
      async () => {
        const subject = await createSubject(world, {
          rotation: { ...FAST, announce: "1h" },
          secret: { keyStyle: "None", template: { data: { password: "{{ client_secret }}" } } },
        });
        const from = await subject.current();
        const before = await subject.secret();
        await subject.rotate();
        await subject.rotated(from);
        expect(Object.keys(await subject.secret())).toEqual(["password"]);
        expect((await subject.secret())["password"] === before["password"]).toBe(false);
        const warned = (await eventsIn(subject.namespace)).some(({ reason }) => reason === "RotationUnannounced");
        expect(warned).toBe(vendor === "auth0");
      },
      90_000,
    );

    it.concurrent("lets a template show what comes next, and has an empty text for it otherwise", async () => {
      const subject = await createSubject(world, {
        rotation: { ...FAST, announce: "1h" },
        secret: { keyStyle: "None", template: { data: { next: "[{{ next_client_secret }}]" } } },
      });
      expect(await subject.secret()).toEqual({ next: "[]" });
      if (vendor === "okta") return;
      await subject.rotate();
      await eventually(
        () => subject.secret(),
        ({ next = "" }) => next.length > 20,
        "what comes next",
      );
    });

    it.concurrent(
      "leaves credentials that others made alone, and says so when they take the room of a new one",
      async () => {
        const subject = await createSubject(world, { ...(vendor === "auth0" ? KEYS : {}), rotation: FAST });
        const { client_id: id = "" } = await subject.secret();
        const before = held(id);
        addByHand(id);
        expect(held(id).length).toBe(before.length + 1);
        await world.annotate("M2MClient", subject.namespace, "job", "reconcile-requested-at", new Date().toISOString());
        await eventually(
          subject.client,
          (client) => ((client?.status?.["unmanagedCredentials"] ?? []) as readonly unknown[]).length === 1,
          "the credential of somebody else in status",
        );
        await subject.rotate();
        await world.reason("M2MClient", subject.namespace, "job", "LimitReached");
        expect(held(id)).toEqual(expect.arrayContaining([...before]));
        const events = await eventsIn(subject.namespace);
        expect(events.map(({ reason }) => reason)).toEqual(
          expect.arrayContaining(["UnmanagedCredentials", "RotationBlocked"]),
        );
        await world.annotate("M2MClient", subject.namespace, "job", "compromised-at", new Date().toISOString());
        await eventually(
          () => held(id),
          (now) => now.length === 2 && !before.some((one) => now.includes(one)),
          "another of ours beside it",
          60_000,
        );
      },
      120_000,
    );

    it.concurrent(
      "keeps an old credential while a running Pod has it from its environment",
      async () => {
        const rotation = { announce: "1s", overlap: "1s", waitForPods: "EnvAndSubPath", maxWait: "1h" };
        const subject = await createSubject(world, { ...KEYS, rotation });
        const started = new Date(Date.now() - 5000).toISOString();
        await world.cluster.apply({
          ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "old", namespace: subject.namespace } },
          spec: { containers: [{ name: "app", image: "app", envFrom: [{ secretRef: { name: "job" } }] }] },
        });
        await world.cluster.patchStatus("Pod", subject.namespace, "old", {
          ...{ phase: "Running", startTime: started },
          containerStatuses: [
            {
              ...{ name: "app", image: "app", imageID: "", ready: true, restartCount: 0 },
              state: { running: { startedAt: started } },
            },
          ],
        });
        const from = await subject.current();
        await subject.rotate();
        await eventually(
          subject.client,
          (client) => ((client?.status?.["waitingForPods"] ?? []) as readonly unknown[]).includes("old"),
          "the Pod in status",
          90_000,
        );
        const metrics = await (await fetch(`http://127.0.0.1:${String(world.operator().metricsPort)}/metrics`)).text();
        expect(metrics).toContain(
          `m2m_operator_retiring_credentials_waiting{namespace="${subject.namespace}",name="job",pod="old"} 1`,
        );
        await world.cluster.remove("Pod", subject.namespace, "old");
        await subject.rotated(from);
      },
      180_000,
    );

    it.concurrent("refuses what cannot be meant, at the API server", async () => {
      const namespace = await world.namespace();
      await expect(world.client(namespace, "job", { rotation: { every: "1h", overlap: "2h" } })).rejects.toThrow(
        "overlap must be shorter than every",
      );
      const publicKeys = [{ pem: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----" }];
      await expect(
        world.client(namespace, "job", {
          ...{ rotation: { every: "1h" } },
          authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys } },
        }),
      ).rejects.toThrow("replace the keys yourself");
    });

    it("tells no credential in logs, events, statuses or metrics, during all of this", async () => {
      for (const namespace of namespaces)
        for (const name of ["job", "job.m2m-state"]) {
          const data = (await world.cluster.secret(namespace, name)) ?? {};
          for (const value of Object.values(data)) if (/PRIVATE KEY|"client_secret":/.test(value)) seen.add(value);
        }
      const told = await Promise.all(
        namespaces.map(async (namespace) => [
          ...(await world.cluster.list("Event", namespace)),
          ...(await world.cluster.list("M2MClient", namespace)),
          ...(await world.cluster.list("ScopeGrant", namespace)),
        ]),
      );
      const metrics = await (await fetch(`http://127.0.0.1:${String(world.operator().metricsPort)}/metrics`)).text();
      const everything = [...world.logs, JSON.stringify(told), metrics].join("\n");
      expect(seen.size).toBeGreaterThan(15);
      const leaked = [...seen].filter((value) => value.length > 10 && everything.includes(value));
      expect(leaked.length).toBe(0);
    });
  });
}
