import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { createServiceAccounts } from "../../../src/kube/service-accounts.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";
import { controlPlane } from "../control-plane.ts";
import { bindTokenRequests, bindWatchedNamespace, type OperatorMode } from "../operator-access.ts";

let cluster: Cluster;
let namespace: string;
const connections: Connection[] = [];
/** As the operator, with the roles that it is shipped with. */
const by = (mode: OperatorMode, requestsTokens: boolean) => {
  const connection = connect({ kubeconfig: controlPlane().operatorKubeconfigs[mode], timeoutMs: 10_000 });
  connections.push(connection);
  return createServiceAccounts(connection, { requestsTokens });
};
const audience = "https://sso.example.com/realms/machines";

beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
  await bindWatchedNamespace(cluster, namespace);
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "importer", namespace } });
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

it.each(["cluster", "namespaced"] as const)("an operator (%s) sees whether a service account exists", async (mode) => {
  const accounts = by(mode, false);
  expect(await accounts.exists(namespace, "importer")).toBe(true);
  expect(await accounts.exists(namespace, "nobody")).toBe(false);
  expect(accounts.requestToken).toBeUndefined();
});

it("one that is being deleted does not exist any more", async () => {
  const metadata = { name: "held", namespace, finalizers: ["example.com/hold"] };
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata });
  await cluster.remove("ServiceAccount", namespace, "held");
  expect(await by("cluster", false).exists(namespace, "held")).toBe(false);
  await cluster.patch("ServiceAccount", namespace, "held", { metadata: { finalizers: null } });
});

it("an operator that may gets a token for one audience and ten minutes, and nothing for who does not exist", async () => {
  await bindTokenRequests(cluster);
  const { requestToken } = by("cluster", true);
  const token = await eventually(
    () => requestToken?.({ namespace, name: "importer", audience, seconds: 600 }).catch(() => undefined),
    (answer) => answer !== undefined,
    "a token",
  );
  const { iss, sub, aud, exp = 0, iat = 0 } = decodeJwt(token ?? "");
  const subject = `system:serviceaccount:${namespace}:importer`;
  expect({ iss, sub, aud, seconds: exp - iat }).toEqual({
    ...{ iss: controlPlane().issuer, sub: subject, aud: [audience], seconds: 600 },
  });
  await expect(requestToken?.({ namespace, name: "nobody", audience, seconds: 600 })).rejects.toMatchObject({
    code: 404,
  });
});
