import type { Capabilities } from "../../ports/provider.ts";
import { PROVIDERS } from "../../providers/by-name.ts";

/** Values that at least one provider offers, each once, for an enum. A provider that lacks one refuses it by name. */
export function offered(of: (capabilities: Capabilities) => readonly string[]): [string, ...string[]] {
  const values = new Set(Object.values(PROVIDERS).flatMap(({ capabilities }) => of(capabilities)));
  const [first, ...others] = values;
  if (first === undefined) throw new Error("no provider offers any value");
  return [first, ...others];
}
