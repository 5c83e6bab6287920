import type { Mark } from "../ports/mark.ts";

/** Where an object comes from as its mark says, in the word of `status.origin`. */
export const originInStatus = ({ origin }: Pick<Mark, "origin">): "Made" | "Adopted" =>
  origin === "adopted" ? "Adopted" : "Made";
