import type { Command } from "commander";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { NotSupported, readCredential } from "../cluster/credential.ts";
import { definitionOf, targetOf } from "../cluster/kinds.ts";
import { listAttempt, listResources, readResource } from "../cluster/objects.ts";
import { explained } from "../cluster/refusal.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { Failure, usage } from "../failure.ts";
import { document, type Format } from "../terminal/formats.ts";
import { tableText } from "../terminal/table.ts";
import { documentOption } from "./document-option.ts";
import { keyOption, keyText } from "./key-option.ts";
import { obtainToken } from "./obtain-token.ts";
import { onCluster, type Services, type Session } from "./services.ts";

interface VerifyOptions {
  readonly allNamespaces?: boolean;
  readonly ca?: string;
  readonly privateKey?: string;
  readonly output: Exclude<Format, "name">;
}

/** One client and one API. */
interface Row {
  readonly namespace: string;
  readonly client: string;
  readonly audience: string;
  readonly result: "Valid" | "Invalid" | "NotChecked" | "Failed";
  readonly message: string;
}

/** `verify`: a token for every API of one or many clients. */
export function addVerifyCommand(program: Command, services: Services): void {
  program
    .command("verify")
    .argument("[client]", "Name of the M2MClient. Default: every client of the namespace.")
    .summary("Request and check a token for every API of a client")
    .description(
      "Requests a token for every API in the published Secret of each client, and checks it as the command token does. Every token counts against the tenant's quota.",
    )
    .option("-A, --all-namespaces", "Clients of all namespaces.")
    .option(
      "--ca <file>",
      "Certificate authorities of the tenant in PEM. Default: spec.caBundle of the provider object.",
    )
    .addOption(keyOption())
    .addOption(documentOption())
    .action(onCluster<VerifyOptions>(services, verify));
}

async function verify(session: Session, options: VerifyOptions, text?: string): Promise<ExitCode> {
  if (text !== undefined && options.allNamespaces === true) throw usage("A client and -A exclude each other.");
  if (text === undefined && options.privateKey !== undefined) throw usage("--private-key needs the name of a client.");
  const clients = await clientsOf(session, options, text);
  const rows: Row[] = [];
  // One after the other: a tenant limits token requests.
  for (const client of clients) rows.push(...(await rowsOf(session, client, options)));
  show(session, rows, options.output);
  const isBad = rows.some(({ result }) => result === "Invalid" || result === "Failed");
  return isBad ? EXIT.notReady : EXIT.done;
}

async function clientsOf(
  { cluster }: Session,
  { allNamespaces }: VerifyOptions,
  text: string | undefined,
): Promise<readonly M2MClient[]> {
  if (text !== undefined) return [await readResource<M2MClient>(cluster, targetOf(text, ["M2MClient"]))];
  const definition = definitionOf("M2MClient");
  const namespace = allNamespaces === true ? undefined : cluster.namespace;
  try {
    return await listResources<M2MClient>(cluster, definition, namespace);
  } catch (error) {
    throw explained(error, listAttempt(definition, namespace), cluster.connection.host);
  }
}

async function rowsOf(session: Session, client: M2MClient, { ca, privateKey }: VerifyOptions): Promise<readonly Row[]> {
  const { name, namespace = "" } = client.metadata;
  const row = (audience: string, result: Row["result"], message: string): Row => ({
    ...{ namespace, client: name, audience, result, message },
  });
  const failed = (audience: string, error: unknown): Row => {
    if (!(error instanceof Failure)) throw error;
    if (error.exitCode === EXIT.usage) throw error;
    if (!(error instanceof NotSupported)) return row(audience, "Failed", error.message);
    return row(audience, "NotChecked", [error.message, error.advice].join(" "));
  };
  try {
    const credential = await readCredential({ ...session.cluster, namespace }, client, keyText(privateKey));
    if (credential.apis.length === 0) return [row("", "NotChecked", "No ScopeGrant gives this client access.")];
    const rows: Row[] = [];
    for (const api of credential.apis)
      rows.push(
        await obtainToken(session, { client, credential, api, organization: undefined, ca }).then(
          ({ verdict }) => row(api.audience, verdict.result, verdict.message),
          (error: unknown) => failed(api.audience, error),
        ),
      );
    return rows;
  } catch (error) {
    return [failed("", error)];
  }
}

function show({ terminal }: Session, rows: readonly Row[], format: VerifyOptions["output"]): void {
  if (format !== "table") return terminal.print(document(rows, format));
  if (rows.length === 0) return terminal.note("No clients.");
  const cells = rows.map(({ namespace, client, audience, result, message }) => [
    ...[namespace, client, audience, result, message],
  ]);
  terminal.print(tableText(["NAMESPACE", "CLIENT", "AUDIENCE", "RESULT", "MESSAGE"], cells));
}
