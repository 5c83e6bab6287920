import { expect, it } from "vitest";
import { CHECKS } from "../../../../cli/doctor/checks.ts";
import { examine, isFailing } from "../../../../cli/doctor/examine.ts";
import { factsOfProvider } from "../../../../cli/doctor/of-provider.ts";
import { reportText, summaryText } from "../../../../cli/doctor/print.ts";
import { workloadFactsOf } from "../../../../cli/doctor/workload.ts";
import { api, client, grant, NOTHING, provider } from "./facts.ts";

const plain = (_style: string, text: string): string => text;
const annotated = (reason: string) =>
  examine({
    ...NOTHING,
    grants: [grant({ allScopes: true }, { annotations: { "doctor.m2m-operator.io/all-scopes": reason } })],
  });

it("a dismissal with a reason hides the finding and does not fail", () => {
  const report = annotated("Reviewed by the API's owner.");
  expect(report.findings).toMatchObject([{ check: "all-scopes", dismissed: "Reviewed by the API's owner." }]);
  expect(isFailing(report, "info")).toBe(false);
  expect(reportText(report.findings, [], plain)).toBe("No findings. 1 dismissed (--show-dismissed).");
  expect(reportText(report.findings, report.findings, plain)).toContain("    Dismissed: Reviewed by the API's owner.");
});

it("a dismissal without a reason dismisses nothing, and says so", () => {
  const report = annotated(" ");
  expect(report.findings[0]?.dismissed).toBeUndefined();
  expect(report.findings[0]?.why).toContain("doctor.m2m-operator.io/all-scopes has no reason");
  expect(isFailing(report, "warning")).toBe(true);
  expect(isFailing(report, "error")).toBe(false);
});

it("the reason of a dismissal cannot write to the terminal", () => {
  const { findings } = annotated("a\u001B[2Jb\nc");
  expect(reportText(findings, findings, plain)).toContain("Dismissed: a [2Jb c");
});

it("the most severe finding is first, with what to do", () => {
  const late = client({ rotation: { every: "24h" } });
  const { findings } = examine({ ...NOTHING, clients: [late], grants: [grant({ allScopes: true })], hasAlerts: true });
  expect(findings.map(({ severity }) => severity)).toEqual(["error", "warning", "warning"]);
  expect(reportText(findings, findings, plain).split("\n").slice(0, 3)).toEqual([
    "error  M2MClient billing/importer  overdue-rotation",
    "    Its credential is of 2026-05-01T00:00:00Z, and spec.rotation.every is 24h.",
    "    To do: Find out what the rotation waits for: kubectl m2m status m2mc/NAME -n NAMESPACE.",
  ]);
  expect(summaryText(findings)).toBe("3 findings: 1 error, 2 warnings.");
});

it("a check whose facts are missing does not run, and a note says why", () => {
  const gaps = [{ fact: "workloads", why: "no permission to list pods in the cluster" }] as const;
  const { findings, notChecked } = examine({ ...NOTHING, clients: [client()], grants: [grant()], gaps });
  expect(findings.map(({ check }) => check)).not.toContain("unused-grant");
  expect(notChecked).toContain(
    "not checked: unused-grant, no-fallback, readable-secret, secret-binding: Pods and Pod templates (no permission to list pods in the cluster)",
  );
});

it("a provider that does not show permissions is named", () => {
  const { notChecked } = examine({ ...NOTHING, providers: [provider({ status: {} })] });
  expect(notChecked).toEqual([
    "not checked: excess-permissions: ClusterIdentityProvider default (Auth0 has not shown the permissions of the credential)",
  ]);
});

it("--provider keeps what uses the provider", () => {
  const other = api({ spec: { providerRef: { kind: "IdentityProvider", name: "own" } } });
  const facts = { ...NOTHING, providers: [provider()], apis: [api(), other], clients: [client()], grants: [grant()] };
  const kept = factsOfProvider(facts, provider());
  expect([kept.apis.length, kept.clients.length, kept.grants.length]).toEqual([1, 1, 1]);
});

it("names of checks are unique, and fit into an annotation", () => {
  const names = CHECKS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

it("a Pod that has ended uses nothing", () => {
  const metadata = { name: "x", namespace: "billing", uid: "u", resourceVersion: "1" };
  expect(workloadFactsOf("Pod", { metadata, status: { phase: "Succeeded" } })).toBeUndefined();
});
