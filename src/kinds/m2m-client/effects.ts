import type { Effects } from "../../controller/reconcile.ts";
import type { Action } from "./model.ts";

export const EFFECTS: Effects<Action> = {
  addFinalizer: { touches: "cluster" },
  createClient: { touches: "tenant" },
  updateClient: { touches: "tenant" },
  removeUnmanagedGrant: { touches: "tenant" },
  removeDuplicateClient: { touches: "tenant" },
  removeClient: { touches: "tenant" },
  releaseClient: { touches: "tenant" },
  abandonClient: { touches: "event", abandons: true },
  publishSecret: { touches: "cluster" },
  removeFormerSecret: { touches: "cluster" },
  /** A token is requested, and nothing changes by that. */
  verifyCredential: { touches: "cluster" },
  /** Mostly read there; where the provider does not show it, a new one is put in force. */
  storeCredential: { touches: "cluster" },
  replaceSecret: { touches: "tenant" },
  claimState: { touches: "cluster" },
  removeState: { touches: "cluster" },
  prepareKey: { touches: "cluster" },
  registerSubject: { touches: "tenant" },
  registerKey: { touches: "tenant" },
  registerPublicKeys: { touches: "tenant" },
  prepareNext: { touches: "cluster" },
  registerNext: { touches: "tenant" },
  discardNext: { touches: "tenant" },
  noteAnnounced: { touches: "cluster" },
  promoteNext: { touches: "cluster" },
  switchToNext: { touches: "tenant" },
  notePublished: { touches: "cluster" },
  retirePrevious: { touches: "tenant" },
  forgetPrevious: { touches: "cluster" },
  removeFinalizer: { touches: "cluster" },
};
