import type { AccessMap } from "../model.ts";
export const htmlText = (_map: AccessMap): string => "";
