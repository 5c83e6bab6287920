import type { Effects } from "../../controller/reconcile.ts";
import type { Action } from "./model.ts";

export const EFFECTS: Effects<Action> = {
  addFinalizer: { touches: "cluster" },
  createApi: { touches: "tenant" },
  updateApi: { touches: "tenant" },
  adoptApi: { touches: "tenant" },
  publishConfigMap: { touches: "cluster" },
  publishSigningSecret: { touches: "cluster" },
  removeFormerConfigMap: { touches: "cluster" },
  removeFormerSecret: { touches: "cluster" },
  revokeGrant: { touches: "tenant" },
  narrowGrant: { touches: "tenant" },
  removeApi: { touches: "tenant" },
  releaseApi: { touches: "tenant" },
  abandonApi: { touches: "event", abandons: true },
  removeFinalizer: { touches: "cluster" },
};
