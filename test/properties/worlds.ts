import fc from "fast-check";
import type { Abandonment, ProviderAccess } from "../../src/kinds/access/provider-access.ts";
import type { OutputView } from "../../src/kinds/outputs/decide.ts";
import type { Owner } from "../../src/ownership/owner.ts";
import type { Mark } from "../../src/ports/mark.ts";
import type { Capabilities } from "../../src/ports/provider.ts";
import { CAPABILITIES, FACTS } from "../unit/kinds/provider-facts.ts";

/** The moment of every plan. */
export const NOW = new Date("2026-01-01T00:00:00Z");
export const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);

export const OWNER: Owner = { instance: "one", object: "0".repeat(16), uid: "ours" };
export const OUR_MARK: Mark = { ...OWNER, origin: "made", nonce: "1".repeat(16) };

export const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

/** One in five, so that what comes after it is tried as well. */
export const rarely = fc.constantFrom(false, false, false, false, true);

/** Of this resource; of an earlier one of its name; of another one; of another installation. */
export const marks: fc.Arbitrary<Mark> = fc
  .record({
    whose: fc.constantFrom({}, { uid: "earlier" }, { uid: "other", object: "f".repeat(16) }, { instance: "two" }),
    origin: fc.constantFrom("made" as const, "adopted" as const),
  })
  .map(({ whose, origin }) => ({ ...OUR_MARK, ...whose, origin }));

/** Providers as different as there may be. */
export const capabilities: fc.Arbitrary<Capabilities> = fc
  .record({
    secretOverlap: fc.constantFrom("announced" as const, "full" as const, "none" as const),
    ...{
      marksApis: fc.boolean(),
      apiDescriptions: fc.boolean(),
      whenNoneRequested: fc.constantFrom("granted" as const, "defaults" as const),
    },
    ...{ choosesClientId: fc.boolean(), tokenQuotas: fc.boolean() },
    heldBy: fc.constantFrom("api" as const, "grant" as const, "client" as const),
  })
  .map(({ heldBy, ...chosen }) => ({
    ...CAPABILITIES,
    ...chosen,
    tokenLifetime: { ...CAPABILITIES.tokenLifetime, heldBy },
  }));

/** Mostly ready, so that what comes after that is tried as well. */
export const accesses: fc.Arbitrary<ProviderAccess> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        capabilities,
        managementPolicy: fc.oneof(
          { weight: 5, arbitrary: fc.constant("Full" as const) },
          fc.constant("ObserveOnly" as const),
        ),
        verificationPolicy: fc.constantFrom("OncePerChange" as const, "Never" as const),
      })
      .map((chosen) => ({ state: "ready" as const, facts: { ...FACTS, ...chosen } })),
  },
  fc.constantFrom<ProviderAccess>(
    { state: "notReady", message: "not yet" },
    { state: "notReady", message: "not yet", until: inMs(1000) },
    { state: "refused", message: "no", uid: undefined },
    { state: "refused", message: "no", uid: "provider", onlyObserves: true },
    { state: "otherTenant", message: "another" },
  ),
);

/** Access to the provider was taken back. */
export const isWithdrawn = ({ state }: ProviderAccess): boolean => state === "refused";

export const abandonments: fc.Arbitrary<Abandonment> = fc.record({
  mayAbandon: fc.boolean(),
  checkAt: fc.constant(inMs(60_000)),
});

/** A published object: not there, of somebody else, as it was written, edited since, or of other content. */
export const outputs = (kind: OutputView["kind"], name: string): fc.Arbitrary<OutputView> =>
  fc
    .record({
      ownership: fc.constantFrom("none" as const, "ours" as const, "takeOver" as const, "foreign" as const),
      written: maybe(
        fc.record({ resourceVersion: fc.constantFrom("1", "2"), renderedFrom: fc.constantFrom("a", "b") }),
      ),
    })
    .map(({ ownership, written }) => ({
      ...{ kind, namespace: "team", name, field: "spec.secret.name", ownership, wanted: "a" },
      ...(ownership === "none" ? { uid: undefined, resourceVersion: undefined } : { uid: "uid", resourceVersion: "1" }),
      record: written === undefined ? undefined : { kind, name, uid: "uid", ...written },
    }));

/** The object as it is after it was published. */
export function published(view: OutputView): OutputView {
  const { kind, name, wanted } = view;
  const written = { uid: "uid", resourceVersion: "3" };
  return { ...view, ...written, ownership: "ours", record: { kind, name, ...written, renderedFrom: wanted } };
}
