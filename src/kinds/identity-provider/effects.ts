import type { Effects } from "../../controller/reconcile.ts";
import type { Action } from "./plan.ts";

export const EFFECTS: Effects<Action> = {
  addFinalizer: { touches: "cluster" },
  holdCredentials: { touches: "cluster" },
  connect: { touches: "cluster" },
  probe: { touches: "cluster" },
  refreshTenant: { touches: "cluster" },
  disconnect: { touches: "cluster" },
  removeOrphans: { touches: "tenant" },
  releaseCredentials: { touches: "cluster" },
  releaseFormerCredentials: { touches: "cluster" },
  removeFinalizer: { touches: "cluster" },
};
