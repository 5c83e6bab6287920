export { excluding } from "./exclude.ts";
export { type Export, exportOf } from "./export.ts";
export type { ExportInput } from "./plan.ts";
export { countsText, filesOf, listText, type Origin, plainText, streamText } from "./print.ts";
