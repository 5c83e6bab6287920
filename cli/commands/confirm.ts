import type { Command } from "commander";
import {
  type ConfirmingAnnotation,
  isConfirmationHandled,
  pendingConfirmations,
} from "../annotations/confirmations.ts";
import { type AnyResource, readResource } from "../cluster/objects.ts";
import { nameOf, type Target, targetOf } from "../cluster/kinds.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { ANNOTATIONS, type Confirmation } from "../../src/kinds/schema/annotations.ts";
import type { KindName } from "../../src/kinds/registry.ts";
import type { Progress } from "../progress.ts";
import { formatOption } from "../terminal/formats.ts";
import { request, type RequestOptions } from "./request.ts";
import { onCluster, type Services, type Session } from "./services.ts";
import { withWaiting } from "./wait-options.ts";

/** Options of a command that asks first. */
export interface ConfirmOptions extends RequestOptions {
  readonly yes?: boolean;
}

const PROVIDERS: readonly KindName[] = ["ClusterIdentityProvider", "IdentityProvider"];

/** `confirm-revocations` and `confirm-orphans`: what the operator deletes only after a confirmation. */
export function addConfirmCommands(program: Command, services: Services): void {
  withWaiting(program.command("confirm-revocations"), "the operator no longer asks for this confirmation")
    .argument("<kind/name>", "The OAuthApi or provider object with the condition RevocationsHeld.")
    .summary("Confirm the deletion of many grants")
    .description(
      "Confirms that the operator deletes the grants that this object no longer consents to: the annotation m2m-operator.io/confirm-revocations. Shows what would be deleted and asks first.",
    )
    .option("-y, --yes", "Confirm without a question.")
    .addOption(formatOption())
    .action(
      onCluster<ConfirmOptions>(services, (session, options, text = "") =>
        confirm(session, targetOf(text, ["OAuthApi", ...PROVIDERS]), ANNOTATIONS.confirmRevocations, options),
      ),
    );
  withWaiting(program.command("confirm-orphans"), "the operator no longer asks for this confirmation")
    .argument("<provider>", "Name of the ClusterIdentityProvider, or KIND/NAME of a provider object.")
    .summary("Confirm the deletion of orphaned objects")
    .description(
      "Confirms that the operator deletes the objects at the tenant that belong to no resource: the annotation m2m-operator.io/confirm-orphans. Shows what would be deleted and asks first.",
    )
    .option("-y, --yes", "Confirm without a question.")
    .addOption(formatOption())
    .action(
      onCluster<ConfirmOptions>(services, (session, options, text = "") =>
        confirm(session, targetOf(text, PROVIDERS), ANNOTATIONS.confirmOrphans, options),
      ),
    );
}

async function confirm(
  session: Session,
  target: Target,
  annotation: ConfirmingAnnotation,
  options: ConfirmOptions,
): Promise<ExitCode> {
  const resource = await readResource<AnyResource>(session.cluster, target);
  const [pending, ...others] = pendingConfirmations(resource, annotation);
  const name = nameOf(resource.kind, resource.metadata);
  if (pending === undefined) {
    session.terminal.note(`${name} waits for no confirmation.`);
    return EXIT.done;
  }
  session.terminal.note(pending.message);
  await askFirst(session, "Delete these objects at the tenant?", options);
  const code = await request(session, requestOf(target, annotation, pending), options);
  if (others.length > 0)
    session.terminal.note(`${name} waits for ${String(others.length)} more. Run the command again for the next one.`);
  return code;
}

const requestOf = (target: Target, annotation: ConfirmingAnnotation, { value }: Confirmation) => ({
  target,
  annotations: { [annotation]: value },
  requested: "the deletion is confirmed.",
  progressOf: (resource: AnyResource): Progress =>
    isConfirmationHandled(resource, annotation, value)
      ? { state: "done", text: "The operator handles the confirmation." }
      : { state: "waiting", text: "The operator has not handled the confirmation yet." },
});

/** Throws a Failure unless the answer is yes. */
export async function askFirst({ terminal }: Session, question: string, { yes }: ConfirmOptions): Promise<void> {
  if (yes === true || (await terminal.confirm(question))) return;
  throw new Failure("Nothing was changed.", "Confirm with --yes.");
}
