import { ensureKeycloak, whyNoKeycloak } from "../keycloak/distribution.ts";

/** Makes sure that Keycloak is there before anything waits for it under a time limit. Without Java, its tests are skipped. */
const why = whyNoKeycloak();
if (why === undefined) {
  const { home } = await ensureKeycloak((line) => {
    console.log(line);
  });
  console.log(`Keycloak: ${home}`);
} else console.log(`Tests on a real Keycloak will be skipped: ${why}`);
