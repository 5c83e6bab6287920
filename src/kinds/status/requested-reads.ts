import type { Resource } from "../../ports/resource.ts";

/** The last request to read again that was handed to the tenant's view, by `requestedReadKeyOf`. */
export type RequestedReads = Map<string, string>;

export const requestedReadKeyOf = ({ kind, metadata }: Resource): string =>
  `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
