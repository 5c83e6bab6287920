/** An object in the cluster is no longer what this pass has seen: nothing was done, and the pass begins again. */
export class ObjectChanged extends Error {
  override readonly name = "ObjectChanged";
}
