import type { Check } from "./check.ts";
import { noFallback } from "./checks/environment.ts";
import { allScopes, unusedGrant } from "./checks/grants.ts";
import { crdVersion, noAlerts, pluginVersion } from "./checks/installation.ts";
import { excessPermissions, missingPermissions } from "./checks/permissions.ts";
import { noRotation, overdueRotation } from "./checks/rotation.ts";
import { readableSecret, secretBinding } from "./checks/secrets.ts";
import { longLifetime, symmetricSigning } from "./checks/tokens.ts";
import { unusedApiConsent, unusedProviderConsent } from "./checks/unused-consent.ts";
import { wideApiConsent, wideProviderConsent } from "./checks/wide-consent.ts";

/** Every check, in the order of the reference page. */
export const CHECKS: readonly Check[] = [
  ...[missingPermissions, excessPermissions],
  ...[wideProviderConsent, unusedProviderConsent, wideApiConsent, unusedApiConsent],
  ...[symmetricSigning, longLifetime, allScopes, unusedGrant],
  ...[overdueRotation, noRotation, noFallback, readableSecret, secretBinding],
  ...[noAlerts, crdVersion, pluginVersion],
];
