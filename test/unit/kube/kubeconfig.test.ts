import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { contextNames, defaultNamespace, loadKubeconfig } from "../../../src/kube/kubeconfig.ts";

const dir = mkdtempSync(join(tmpdir(), "m2m-kubeconfig-"));
const path = join(dir, "config");
const cluster = { name: "c", cluster: { server: "https://c.example.com" } };
const contexts = [
  { name: "staging", context: { cluster: "c", user: "u", namespace: "billing" } },
  { name: "production", context: { cluster: "c", user: "u" } },
];
writeFileSync(
  path,
  JSON.stringify({
    ...{ apiVersion: "v1", kind: "Config", "current-context": "staging", clusters: [cluster], contexts },
    users: [{ name: "u", user: { token: "not-a-real-token" } }],
  }),
);
afterAll(() => {
  rmSync(dir, { recursive: true });
});

it("takes the current context, or the one that is named", () => {
  expect(loadKubeconfig({ path }).getCurrentContext()).toBe("staging");
  expect(loadKubeconfig({ path, context: "production" }).getCurrentContext()).toBe("production");
});

it("the namespace is that of the context, else default", () => {
  expect(defaultNamespace({ path })).toBe("billing");
  expect(defaultNamespace({ path, context: "production" })).toBe("default");
});

it("an unknown context gets the nearest name", () => {
  const load = () => loadKubeconfig({ path, context: "stagin" });
  expect(load).toThrow('the kubeconfig has no context "stagin" (did you mean "staging"?)');
  expect(contextNames(path)).toEqual(["staging", "production"]);
  expect(contextNames(join(dir, "missing"))).toEqual([]);
});
