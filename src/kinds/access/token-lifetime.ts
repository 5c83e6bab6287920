import type { Capabilities } from "../../ports/provider.ts";
import type { ProviderFacts } from "./provider-access.ts";
import { type NamedProvider, vendorText } from "./unsupported.ts";

/** Why the provider cannot let tokens live that long; `undefined` when it can, or when nothing was said. */
export function lifetimeProblem(
  field: string,
  seconds: number | undefined,
  provider: NamedProvider & Pick<ProviderFacts, "capabilities">,
): string | undefined {
  const { min, max, step } = provider.capabilities.tokenLifetime;
  if (seconds === undefined || (seconds >= min && seconds <= max && seconds % step === 0)) return undefined;
  const unit = step === 1 ? "a value" : step === 60 ? "whole minutes" : `a multiple of ${String(step)} seconds`;
  const bounds = `between ${String(min / 60)}m and ${String(max / 3600)}h`;
  return `${vendorText(provider)} does not support ${field} of ${String(seconds)} seconds. Use ${unit} ${bounds}.`;
}

/** Seconds that tokens live where nothing says so and the operator knows it; `undefined` where the tenant decides. */
export function lifetimeUnsaid({ tokenLifetime }: Pick<Capabilities, "tokenLifetime">): number | undefined {
  return tokenLifetime.heldBy === "grant" ? tokenLifetime.default : undefined;
}
