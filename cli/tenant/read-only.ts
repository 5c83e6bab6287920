import type { Provider } from "../../src/ports/provider.ts";

/** The plugin has a defect: a command tried what it must not do. */
const refuse = (): Promise<never> =>
  Promise.reject(new Error("kubectl m2m writes nothing to a tenant and reads no credential from it"));

/** The same provider without everything that writes, that shows a credential, or that costs quota. */
export function readOnly(provider: Provider): Provider {
  const writes = { create: refuse, update: refuse, remove: refuse };
  const credentials = {
    readSecret: refuse,
    replaceSecret: refuse,
    addSecret: refuse,
    removeSecret: refuse,
    removeSecretByValue: refuse,
    setPublicKeys: refuse,
    addPublicKey: refuse,
    removePublicKey: refuse,
  };
  return {
    ...provider,
    apis: { ...provider.apis, ...writes, readSigningSecret: refuse },
    clients: { ...provider.clients, ...writes, ...credentials },
    grants: { ...provider.grants, ...writes },
    requestToken: refuse,
  };
}
