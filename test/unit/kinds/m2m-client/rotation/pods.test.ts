import { describe, expect, it } from "vitest";
import { podFactsOf, type Pod } from "../../../../../src/kube/pod-facts.ts";
import { podsThatHold, type PodPolicy } from "../../../../../src/kinds/m2m-client/rotation/pods.ts";

const SINCE = new Date("2026-01-01T12:00:00Z");
const BEFORE = "2026-01-01T11:59:59Z";
const LATER = "2026-01-01T12:00:01Z";

const running = (startedAt: string) => ({
  phase: "Running",
  startTime: startedAt,
  containerStatuses: [{ name: "app", state: { running: { startedAt } } }],
});
const podWith = (spec: Pod["spec"], status: Pod["status"] = running(BEFORE)): Pod =>
  ({ metadata: { name: "job-1", namespace: "n", uid: "u", resourceVersion: "1" }, spec, status }) as Pod;

const env = [{ valueFrom: { secretKeyRef: { name: "oauth" } } }];
const volumes = [{ name: "v", secret: { secretName: "oauth" } }];
const projected = [{ name: "v", projected: { sources: [{ secret: { name: "oauth" } }] } }];
const mount = [{ name: "v" }];
const subPath = [{ name: "v", subPath: "client_secret" }];

const holdsAfter = (pod: Pod, policy: PodPolicy = "EnvAndSubPath", ms = 120_000): boolean =>
  podsThatHold([podFactsOf(pod)], new Set(["oauth"]), SINCE, policy, new Date(SINCE.getTime() + ms)).length > 0;

describe("a Pod keeps an old credential alive", () => {
  it.each<[string, Pod]>([
    ["by an environment variable", podWith({ containers: [{ name: "app", env }] })],
    ["by envFrom", podWith({ containers: [{ name: "app", envFrom: [{ secretRef: { name: "oauth" } }] }] })],
    ["by subPath", podWith({ containers: [{ name: "app", volumeMounts: subPath }], volumes })],
    [
      "by subPath of a projected volume",
      podWith({ containers: [{ name: "app", volumeMounts: subPath }], volumes: projected }),
    ],
    ["in an init container", podWith({ initContainers: [{ name: "init", env }] })],
    ["in an ephemeral container", podWith({ ephemeralContainers: [{ name: "debug", env }] })],
  ])("%s", (_how, pod) => {
    expect(holdsAfter(pod)).toBe(true);
    expect(holdsAfter(pod, "None")).toBe(false);
  });

  it.each<[string, Pod]>([
    ["a volume", podWith({ containers: [{ name: "app", volumeMounts: mount }], volumes })],
    ["a projected volume", podWith({ containers: [{ name: "app", volumeMounts: mount }], volumes: projected })],
  ])("by %s for two minutes, unless all are waited for", (_how, pod) => {
    expect(holdsAfter(pod, "EnvAndSubPath", 119_999)).toBe(true);
    expect(holdsAfter(pod)).toBe(false);
    expect(holdsAfter(pod, "All")).toBe(true);
  });

  it.each<[string, Pod]>([
    ["it started later", podWith({ containers: [{ name: "app", env }] }, running(LATER))],
    ["it has ended", podWith({ containers: [{ name: "app", env }] }, { phase: "Succeeded" })],
    ["it has not begun", podWith({ containers: [{ name: "app", env }] }, { phase: "Pending" })],
    [
      "its container was restarted",
      podWith({ containers: [{ name: "app", env }] }, { ...running(LATER), startTime: BEFORE }),
    ],
    ["it uses another Secret", podWith({ containers: [{ name: "app", envFrom: [{ secretRef: { name: "other" } }] }] })],
    ["the volume is not mounted", podWith({ containers: [{ name: "app" }], volumes })],
  ])("not when %s", (_how, pod) => {
    expect(holdsAfter(pod, "All")).toBe(false);
  });
});
