import { type Command, Option } from "commander";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { ANNOTATIONS } from "../../src/kinds/schema/annotations.ts";
import { compromiseProgress, compromiseTime, type RotationEnd, rotationProgress } from "../annotations/rotation.ts";
import { readResource } from "../cluster/objects.ts";
import { targetOf } from "../cluster/kinds.ts";
import { usage } from "../failure.ts";
import { formatOption } from "../terminal/formats.ts";
import { request, type RequestOptions } from "./request.ts";
import { onCluster, type Services } from "./services.ts";
import { withWaiting } from "./wait-options.ts";

interface RotateOptions extends RequestOptions {
  readonly for: RotationEnd;
}

/** Longer than an announcement takes, which is five minutes unless spec.rotation.announce says otherwise. */
const ROTATION_TIMEOUT = "10m";

/** `rotate` and `compromised`: a new credential for a client. */
export function addRotationCommands(program: Command, services: Services): void {
  const until = new Option(
    "--for <end>",
    "End of the wait: the new credential is in force, or the old one is revoked. Implies --wait.",
  )
    .choices(["in-force", "revoked"])
    .default("in-force")
    .implies({ wait: true });
  withWaiting(program.command("rotate"), "the rotation reached the end that --for names", ROTATION_TIMEOUT)
    .argument("<client>", "Name of the M2MClient.")
    .summary("Request a new credential")
    .description(
      "Requests a new credential for a client: the annotation m2m-operator.io/rotate-requested-at. Where the provider accepts two credentials, the old one stays valid for spec.rotation.overlap.",
    )
    .addOption(until)
    .addOption(formatOption())
    .action(
      onCluster<RotateOptions>(services, async (session, options, client = "") => {
        const target = targetOf(client, ["M2MClient"]);
        return request<M2MClient>(
          session,
          {
            target,
            annotations: { [ANNOTATIONS.rotateRequestedAt]: session.now().toISOString() },
            requested: "a new credential is requested.",
            progressOf: (resource) => rotationProgress(resource, options.for),
          },
          options,
        );
      }),
    );
  addCompromised(program, services);
}

interface CompromisedOptions extends RequestOptions {
  readonly at?: string;
}

function addCompromised(program: Command, services: Services): void {
  withWaiting(program.command("compromised"), "every older credential is revoked")
    .argument("<client>", "Name of the M2MClient.")
    .summary("Revoke a leaked credential immediately")
    .description(
      "Revokes every credential that is older than a time and publishes a new one: the annotation m2m-operator.io/compromised-at. The operator waits for no Pod. Issued tokens stay valid until they expire.",
    )
    .option(
      "--at <time>",
      "Time of the leak (RFC 3339). Default: just after the newest credential in status, which revokes every known one.",
    )
    .addOption(formatOption())
    .action(
      onCluster<CompromisedOptions>(services, async (session, options, client = "") => {
        const target = targetOf(client, ["M2MClient"]);
        const known = await readResource<M2MClient>(session.cluster, target);
        const at =
          options.at === undefined ? compromiseTime(known, session.now()) : leakTime(options.at, session.now());
        return request<M2MClient>(
          session,
          {
            target,
            annotations: { [ANNOTATIONS.compromisedAt]: at },
            requested: `credentials created before ${at} are revoked immediately.`,
            progressOf: compromiseProgress,
          },
          options,
        );
      }),
    );
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** As the operator accepts it. */
function leakTime(text: string, now: Date): string {
  const time = Date.parse(text);
  if (!RFC_3339.test(text) || Number.isNaN(time))
    throw usage(`--at ${text} is not a time.`, "Write it as in RFC 3339, for example 2026-01-31T12:00:00Z.");
  if (time > now.getTime()) throw usage(`--at ${text} is in the future.`, "Use the time when the leak was noticed.");
  return text;
}
