import type { ProviderDeclaration } from "./declaration.ts";
import * as registry from "./registry.ts";

/** Every registered provider. */
export const PROVIDERS: Readonly<Record<string, ProviderDeclaration>> = { ...registry };
