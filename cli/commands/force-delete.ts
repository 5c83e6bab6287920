import type { Command } from "commander";
import { conditionOf } from "../../src/controller/conditions.ts";
import type { OAuthApi } from "../../src/kinds/oauth-api/schema.ts";
import { ANNOTATIONS } from "../../src/kinds/schema/annotations.ts";
import { nameOf, type Target, targetOf } from "../cluster/kinds.ts";
import { readResource } from "../cluster/objects.ts";
import type { ExitCode } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Progress } from "../progress.ts";
import { formatOption } from "../terminal/formats.ts";
import { askFirst, type ConfirmOptions } from "./confirm.ts";
import { request } from "./request.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { withWaiting } from "./wait-options.ts";

/** `force-delete`: an API whose deletion waits for grants that the operator did not create. */
export function addForceDeleteCommand(program: Command, services: Services): void {
  withWaiting(program.command("force-delete"), "the OAuthApi is deleted")
    .argument("<api>", "Name of the OAuthApi. Its deletion must have been requested.")
    .summary("Delete an API together with grants of others")
    .description(
      "Deletes an API at the tenant although grants still use it: the annotation m2m-operator.io/force-delete. Only for an OAuthApi whose deletion waits. Shows what it waits for and asks first.",
    )
    .option("-y, --yes", "Delete without a question.")
    .addOption(formatOption())
    .action(
      onCluster<ConfirmOptions>(services, (session, options, text = "") =>
        forceDelete(session, targetOf(text, ["OAuthApi"]), options),
      ),
    );
}

async function forceDelete(session: Session, target: Target, options: ConfirmOptions): Promise<ExitCode> {
  const api = await readResource<OAuthApi>(session.cluster, target);
  const { name, namespace = "", deletionTimestamp } = api.metadata;
  if (deletionTimestamp === undefined)
    throw new Failure(
      `${nameOf(api.kind, api.metadata)} is not being deleted.`,
      `Delete it first: kubectl delete oauthapi ${name} -n ${namespace} --wait=false.`,
    );
  const waits = conditionOf(api.status?.conditions, "Ready");
  session.terminal.note(waits?.message ?? "The operator has not reported what the deletion waits for.");
  await askFirst(session, `Delete the API ${api.spec.audience} at the tenant with every grant on it?`, options);
  const whenGone = "The OAuthApi is deleted.";
  const annotations = { [ANNOTATIONS.forceDelete]: "true" };
  return request<OAuthApi>(
    session,
    { target, annotations, requested: "the deletion no longer waits for grants.", progressOf: deleting, whenGone },
    options,
  );
}

const deleting = ({ status }: OAuthApi): Progress => ({
  state: "waiting",
  text: conditionOf(status?.conditions, "Ready")?.message ?? "The operator deletes the API.",
});
