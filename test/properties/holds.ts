import fc from "fast-check";

/** Set to repeat a failure: the report of a property that fails names its seed. */
const seed = process.env["M2M_PROPERTIES_SEED"];

/** How often a property is tried, for those that wait for something. */
export const seeded = (runs: number): { readonly numRuns: number; readonly seed?: number } => ({
  numRuns: runs,
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});

/** Tries a property with many values; a failure is shrunk to a small one and reported with its seed. */
export function holds<T>(property: fc.IProperty<T>, runs = 300): void {
  fc.assert(property, seeded(runs));
}
