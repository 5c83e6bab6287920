import type { Effects } from "../../controller/reconcile.ts";
import type { Action } from "./model.ts";

export const EFFECTS: Effects<Action> = {
  addFinalizer: { touches: "cluster" },
  createGrant: { touches: "tenant" },
  adoptGrant: { touches: "tenant" },
  removeDuplicateGrant: { touches: "tenant" },
  updateGrant: { touches: "tenant" },
  removeGrant: { touches: "tenant" },
  publishSecret: { touches: "cluster" },
  removeFormerSecret: { touches: "cluster" },
  abandonGrant: { touches: "event", abandons: true },
  removeFinalizer: { touches: "cluster" },
};
