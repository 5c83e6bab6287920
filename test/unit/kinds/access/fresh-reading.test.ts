import { expect, it } from "vitest";
import { freshSince } from "../../../../src/kinds/access/fresh-reading.ts";

const NOW = new Date("2026-01-01T12:00:00.500Z");
const since = (creationTimestamp?: string): string =>
  freshSince(creationTimestamp === undefined ? {} : { creationTimestamp }, NOW).toISOString();

it.each([
  [
    "of a new resource: a reading after it was accepted, whose second is all that is known",
    "2026-01-01T11:59:30Z",
    "2026-01-01T11:59:31.000Z",
  ],
  ["of one accepted in this second: a reading now", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00.500Z"],
  ["of an old resource: a reading of the last minute", "2026-01-01T08:00:00Z", "2026-01-01T11:59:00.500Z"],
  ["of a clock that runs ahead: a reading now", "2026-01-01T12:05:00Z", "2026-01-01T12:00:00.500Z"],
  ["of a manifest that is only previewed: a reading now", undefined, "2026-01-01T12:00:00.500Z"],
])("the absence %s", (_what, created, expected) => {
  expect(since(created)).toBe(expected);
});
