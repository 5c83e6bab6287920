import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { provenOf } from "../../../src/assembly/context.ts";
import { provenPart } from "../../../src/ownership/status-proof.ts";
import type { ResourceClient } from "../../../src/ports/cluster.ts";
import type { Resource } from "../../../src/ports/resource.ts";

const sign = (text: string): string => createHash("sha256").update(text).digest("hex");
const resource = {
  ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "OAuthApi", spec: {} },
  metadata: { name: "api", namespace: "team", uid: "uid-1", resourceVersion: "1" },
};

it("a status that is cut to what the API server takes proves what is left of it", async () => {
  const written: Resource[] = [];
  const client = {
    writeStatus: (of: Resource, status: unknown) => {
      written.push({ ...of, status });
      return Promise.resolve(of);
    },
  } as unknown as ResourceClient<never>;
  const clients = {
    ...{ clusterIdentityProviders: client, identityProviders: client },
    ...{ oAuthApis: client, m2mClients: client, scopeGrants: client },
  };
  const { oAuthApis } = provenOf(clients, { instance: "one", sign });
  await oAuthApis.writeStatus(resource as never, { externalId: "x".repeat(100_000), origin: "Made" });
  const [stored] = written;
  expect(JSON.stringify(stored).length).toBeLessThan(50_000);
  expect(stored === undefined ? undefined : provenPart(stored, "one", sign)).toBe(stored);
});
