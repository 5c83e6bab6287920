import type { OutputRecord } from "./decide.ts";

/** What was published since the last status write, by `outputKeyOf`. */
export type Outputs = Map<string, OutputRecord>;

/** `name`: `namespace/name`. */
export const outputKeyByName = (kind: string, name: string): string => `${kind}/${name}`;

export const outputKeyOf = (kind: string, namespace: string, name: string): string =>
  outputKeyByName(kind, `${namespace}/${name}`);
