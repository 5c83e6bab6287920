import { ProviderError } from "../ports/provider-error.ts";

/** Far more than a tenant has: a page counts as one, and so does each of its members. */
const MOST = 200_000;

/**
 * Counts the pages of one listing. The function that it returns takes the number of members of the next page and throws
 * `unavailable` once there are more than any tenant has: a tenant whose pages never end must not fill the memory.
 */
export function createPageCount(server: string): (members: number) => void {
  let count = 0;
  return (members) => {
    count += 1 + members;
    if (count > MOST) throw new ProviderError("unavailable", `${server}'s listing does not end.`);
  };
}
