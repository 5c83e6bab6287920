import type { OutputRecord } from "./decide.ts";

/** What was published since the last status write, by `outputKeyOf`. */
export type Outputs = Map<string, OutputRecord>;

export const outputKeyOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;
