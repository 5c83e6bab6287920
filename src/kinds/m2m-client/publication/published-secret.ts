import { ownershipOf } from "../../../publication/ownership.ts";
import { styledKeys } from "../../../publication/keys.ts";
import type { KindContext } from "../../kind-context.ts";
import { layoutOf } from "../../outputs/layout.ts";
import { ownerReferenceOf } from "../../outputs/write.ts";
import { secretNameOf } from "../desire.ts";
import type { M2MClient } from "../schema.ts";

/** The client secret in the published Secret, read again when nothing else holds it. */
export async function publishedSecret({
  context,
  resource,
}: {
  readonly context: KindContext;
  readonly resource: M2MClient;
}): Promise<string | undefined> {
  const { namespace = "" } = resource.metadata;
  const content = await context.secrets.read(namespace, secretNameOf(resource));
  if (content === undefined || ownershipOf(content, ownerReferenceOf(resource)) !== "ours") return undefined;
  const { keyStyle, keyPrefix } = layoutOf(resource);
  const [key] = Object.keys(styledKeys({ client_secret: "" }, keyStyle, keyPrefix));
  const value = key === undefined ? undefined : content.data[key];
  return value === "" ? undefined : value;
}
