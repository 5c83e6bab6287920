import { expect, it } from "vitest";
import { wantedRotation } from "../../../../../src/kinds/m2m-client/rotation/desire.ts";
import { m2mClientSchema, type M2MClient } from "../../../../../src/kinds/m2m-client/schema.ts";

type Rotation = NonNullable<M2MClient["spec"]["rotation"]>;

const NOW = new Date("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function timingOf(rotation: Rotation): readonly [announceMs: number, overlapMs: number] {
  const { spec } = m2mClientSchema.parse({ spec: { rotation } });
  const metadata = { name: "job", namespace: "team", uid: "u", resourceVersion: "1" };
  const resource = { apiVersion: "", kind: "M2MClient", metadata, spec };
  const { announceMs, overlapMs } = wantedRotation(resource, () => "00000000", NOW);
  return [announceMs, overlapMs];
}

it.each<[string, Rotation, number, number]>([
  ["nothing is said", {}, 5 * MINUTE, 24 * HOUR],
  ["credentials live long", { every: "720h" }, 5 * MINUTE, 24 * HOUR],
  ["they live for a day", { every: "24h" }, 5 * MINUTE, 12 * HOUR],
  ["they live for an hour", { every: "1h" }, 5 * MINUTE, 30 * MINUTE],
  ["they live for a minute", { every: "1m" }, MINUTE / 2, MINUTE / 2],
  ["it is said", { every: "24h", announce: "1h", overlap: "23h" }, HOUR, 23 * HOUR],
])("the defaults fit into the life of a credential when %s", (_when, rotation, announceMs, overlapMs) => {
  expect(timingOf(rotation)).toEqual([announceMs, overlapMs]);
});
