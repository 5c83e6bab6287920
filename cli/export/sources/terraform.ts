import { z } from "zod";
import { Failure } from "../../failure.ts";
import { type FileContent, read, type StateResource } from "./documents.ts";
import { auth0Documents } from "./terraform-auth0.ts";
import { oktaDocuments } from "./terraform-okta.ts";

const resource = z.object({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  values: z.record(z.string(), z.unknown()),
});
interface Module {
  readonly resources?: readonly z.output<typeof resource>[] | undefined;
  readonly child_modules?: readonly Module[] | undefined;
}
const module: z.ZodType<Module> = z.object({
  resources: z.array(resource).optional(),
  get child_modules() {
    return z.array(module).optional();
  },
});
const state = z.object({ format_version: z.string(), values: z.object({ root_module: module }) });

/** The output of `terraform show -json` with the vendor's own Terraform provider. */
export function fromTerraform(text: string, vendor: string): FileContent {
  const { values } = read(state, parsed(text), "the output of terraform show -json");
  const resources = resourcesIn(values.root_module);
  const content = vendor === "okta" ? oktaDocuments(resources) : auth0Documents(resources);
  const ignored = resources.filter(({ type }) => type.startsWith(`${vendor}_`) && !content.known.has(type));
  return {
    documents: content.documents,
    missing: [
      ...content.missing,
      ...[...Map.groupBy(ignored, ({ type }) => type)].map(([type, all]) => `${String(all.length)} ${type}: not read`),
    ],
  };
}

const resourcesIn = ({ resources = [], child_modules: children = [] }: Module): readonly StateResource[] => [
  ...resources.filter(({ mode }) => mode === "managed"),
  ...children.flatMap(resourcesIn),
];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure("The file is not JSON.", "Write it with terraform show -json > state.json.");
  }
}
