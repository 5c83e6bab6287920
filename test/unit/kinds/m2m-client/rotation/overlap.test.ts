import { expect, it } from "vitest";
import { plan } from "../../../../../src/kinds/m2m-client/plan.ts";
import type { ObservedClient } from "../../../../../src/ports/provider.ts";
import { CAPABILITIES, FACTS } from "../../provider-facts.ts";
import { CLIENT, desiredBy, NOW, observedWith } from "../observed.ts";

const ANNOTATION = { "m2m-operator.io/rotate-requested-at": "now" };
const MARK = { instance: "instance", object: "0".repeat(16), uid: "u", nonce: "0".repeat(16) };

function stepFor(origin: "made" | "adopted", lacks: Partial<ObservedClient>) {
  const facts = { ...FACTS, capabilities: { ...CAPABILITIES, secretOverlap: "full" as const } };
  const client: ObservedClient = { ...CLIENT, mark: { ...MARK, origin }, ...lacks };
  const observed = observedWith({
    provider: { state: "ready", facts },
    remote: { kind: "found", client, duplicates: [] },
    ...(origin === "made" ? {} : { state: { ownership: "none", name: "job.m2m-state", version: "" } }),
  });
  const { actions } = plan(desiredBy({}, origin === "made" ? ANNOTATION : {}), observed, NOW);
  return actions.map((action) => ("isShown" in action ? { type: action.type, isShown: action.isShown } : action.type));
}

it("a client that cannot have two secrets has its next one announced", () => {
  expect(stepFor("made", {})).toEqual([{ type: "prepareNext", isShown: false }]);
  expect(stepFor("made", { lacksSecretOverlap: true })).toEqual([{ type: "prepareNext", isShown: true }]);
});

it("an adopted client gets a secret beside that of others, and none where it can have only one", () => {
  expect(stepFor("adopted", {})).toEqual([{ type: "prepareNext", isShown: false }]);
  expect(stepFor("adopted", { lacksSecretOverlap: true })).not.toContainEqual(
    expect.objectContaining({ type: "prepareNext" }),
  );
});
