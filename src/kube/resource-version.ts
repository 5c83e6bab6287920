/**
 * Whether one version of the API server comes before another. Within one kind of resource they are integers that grow;
 * `undefined` when either is not, so that nothing can be said.
 */
export function isBefore(left: string, right: string): boolean | undefined {
  if (!isNumber(left) || !isNumber(right)) return undefined;
  return BigInt(left) < BigInt(right);
}

const isNumber = (version: string): boolean => /^\d+$/.test(version);
