import type { Command } from "commander";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import type { ScopeGrant } from "../../src/kinds/scope-grant/schema.ts";
import { readCredential } from "../cluster/credential.ts";
import { nameOf, targetOf } from "../cluster/kinds.ts";
import { readResource } from "../cluster/objects.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { document, type Format } from "../terminal/formats.ts";
import { chosenApi } from "../tokens/choice.ts";
import { curlCommand } from "../tokens/curl.ts";
import { tokenText } from "../tokens/print.ts";
import { keyOption, keyText } from "./key-option.ts";
import { obtainToken, type TokenOrder } from "./obtain-token.ts";
import { documentOption } from "./document-option.ts";
import { onCluster, type Services, type Session } from "./services.ts";

interface TokenOptions {
  readonly grant?: string;
  readonly org?: string;
  readonly ca?: string;
  readonly privateKey?: string;
  readonly raw?: boolean;
  readonly curl?: boolean;
  readonly output: Exclude<Format, "name">;
}

/** `token`: one token, requested as the workload does. */
export function addTokenCommand(program: Command, services: Services): void {
  program
    .command("token")
    .argument("<client>", "Name of the M2MClient.")
    .summary("Request a token with the published Secret, and check it")
    .description(
      "Requests a token with the credential in the published Secret, as the workload does. Prints header and claims. Checks signature, issuer, audience, scopes and client. A token counts against the tenant's quota.",
    )
    .option(
      "--grant <scopegrant>",
      "ScopeGrant whose API the token is for. Default: the only API, or spec.secret.primaryApi.",
    )
    .option("--org <organization>", "ID of the organization that the token is bound to.")
    .option(
      "--ca <file>",
      "Certificate authorities of the tenant in PEM. Default: spec.caBundle of the provider object.",
    )
    .addOption(keyOption())
    .option("--raw", "Print only the token, for another program. It is a credential.")
    .option(
      "--curl",
      "Print the curl command for the request, with variables in place of the credential. Requests no token.",
    )
    .addOption(documentOption())
    .action(onCluster<TokenOptions>(services, (session, options, text = "") => token(session, options, text)));
}

async function token(session: Session, options: TokenOptions, text: string): Promise<ExitCode> {
  if (options.raw === true && options.curl === true) throw usage("--raw and --curl exclude each other.");
  const { cluster, terminal } = session;
  const order = await orderOf(session, options, text);
  if (options.curl === true) {
    terminal.print(curlCommand(order.credential, order.api, order.organization));
    return EXIT.done;
  }
  const { accessToken, content, verdict, expiresInSeconds: lifetimeSeconds } = await obtainToken(session, order);
  const client = nameOf("M2MClient", { namespace: cluster.namespace, name: order.client.metadata.name });
  const view = { client, audience: order.api.audience, lifetimeSeconds, content, verdict };
  if (options.raw === true) {
    terminal.print(accessToken);
    if (verdict.result === "Invalid") terminal.note(verdict.message);
  } else terminal.print(options.output === "table" ? tokenText(view) : document(view, options.output));
  return verdict.result === "Invalid" ? EXIT.notReady : EXIT.done;
}

async function orderOf(
  { cluster }: Session,
  { grant, org, ca, privateKey }: TokenOptions,
  text: string,
): Promise<TokenOrder> {
  const client = await readResource<M2MClient>(cluster, targetOf(text, ["M2MClient"]));
  const named =
    grant === undefined ? undefined : await readResource<ScopeGrant>(cluster, targetOf(grant, ["ScopeGrant"]));
  const credential = await readCredential(cluster, client, keyText(privateKey));
  const choice = chosenApi(credential, named);
  if ("problem" in choice) throw new Failure(choice.problem, choice.advice);
  return { client, credential, api: choice.api, organization: org, ca };
}
