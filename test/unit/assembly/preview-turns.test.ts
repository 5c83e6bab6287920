import { expect, it } from "vitest";
import { createPreviewTurns } from "../../../src/assembly/preview/turns.ts";
import type { KubeObject } from "../../../src/kube/store.ts";

const preview = (namespace: string, name: string, second: number): KubeObject => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "ChangePreview",
  metadata: {
    ...{ namespace, name, uid: `${namespace}/${name}`, resourceVersion: "1" },
    ...{ creationTimestamp: `2026-01-01T00:00:0${String(second)}Z` },
  },
});

it("lets namespaces take turns, and serves the oldest of each first", () => {
  const turns = createPreviewTurns();
  const waiting = [preview("busy", "a", 1), preview("busy", "b", 2), preview("busy", "c", 3), preview("quiet", "d", 4)];
  const served: string[] = [];
  for (let now = 0; now < 4; now++) {
    const next = turns.next(waiting, now);
    if (next === undefined) break;
    served.push(next.metadata.name);
    turns.taken(next, now, 1000);
  }
  expect(served).toEqual(["a", "d", "b", "c"]);
  expect(turns.next(waiting, 4)).toBeUndefined();
  expect(turns.next(waiting, 1000)?.metadata.namespace).toBe("quiet");
});

it("does not wait for a preview whose time has not come", () => {
  const turns = createPreviewTurns();
  const [early, late] = [preview("one", "early", 1), preview("one", "late", 2)];
  turns.taken(early, 0, 500);
  expect(turns.next([early, late], 10)).toBe(late);
  expect(turns.next([early, late], 500)).toBe(early);
});
