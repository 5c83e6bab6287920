import type { Mark } from "../mark.ts";
import type { Ref } from "./ref.ts";

/** A remote object that carries a mark, as the tenant was last read. */
export interface MarkedObject {
  readonly kind: "client" | "api" | "grant";
  readonly ref: Ref;
  /** For people; empty where it has none. */
  readonly name: string;
  /** Of the resource that it belongs to: a grant carries that of its client, or of its API where it is for all clients. */
  readonly mark: Mark;
}
