import { Option } from "commander";

/** `-o` of a command whose result is no object of the cluster, and so has no name. */
export const documentOption = (): Option =>
  new Option("-o, --output <format>", "Output format.").choices(["table", "json", "yaml"]).default("table");
