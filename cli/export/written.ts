import type { Expressible } from "./expressible.ts";
import type { Remark } from "./manifest.ts";

/** A spec, or `undefined` where no resource can be written, and what a person must know about it. */
export interface Written {
  readonly spec: Readonly<Record<string, unknown>> | undefined;
  readonly remarks: readonly Remark[];
}

/** What is left of a spec, with a remark for everything that it does not say. `beyond`: what no field of a spec has. */
export function written(title: string, { spec, refused }: Expressible, beyond: readonly string[]): Written {
  const left = spec === undefined ? [`${title} is left out.`] : [];
  const fields = refused.map(({ field, why }) => `${title}: ${field}: ${why}`);
  const texts = [...left, ...fields, ...beyond.map((what) => `${title}: ${what}`)];
  return { spec, remarks: texts.map((text): Remark => ({ kind: "beyond", text })) };
}
