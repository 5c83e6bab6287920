import { type Command, Option } from "commander";
import { targetOf } from "../cluster/kinds.ts";
import type { TenantChoice } from "../tenant/open.ts";
import { textOfFile } from "./file-option.ts";

/** The options of a command that reads a tenant. */
export interface TenantOptions {
  readonly provider?: string;
  readonly operatorNamespace: string;
  readonly ca?: string;
  readonly allowedHosts: readonly string[];
  readonly allowPrivateAddresses?: boolean;
  readonly serviceAccountToken?: string;
}

const hosts = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Adds them. `what` ends the description of `--provider`. */
export function withTenant(command: Command, what: string): Command {
  return command
    .option(
      "--provider <name>",
      `${what} A name means a ClusterIdentityProvider. Write idp/NAME for an IdentityProvider.`,
    )
    .option(
      "--operator-namespace <namespace>",
      "Namespace of the operator, with the credentials of ClusterIdentityProviders.",
      "m2m-system",
    )
    .option("--ca <file>", "Certificate authorities of the tenant in PEM. Default: spec.caBundle of the provider.")
    .addOption(
      new Option(
        "--allowed-hosts <hosts>",
        "Further hosts that may get the credential, as in the operator's flag. Comma-separated.",
      )
        .argParser(hosts)
        .default([], "none"),
    )
    .option(
      "--service-account-token <file>",
      "File with a token of the operator's service account, for a provider without credentialsSecretRef. kubectl create token prints one.",
    )
    .option("--allow-private-addresses", "Allow a tenant with a private or loopback address.");
}

/** What the options say. Throws a usage failure. */
export function tenantChoiceOf(options: TenantOptions, provider: string): TenantChoice {
  return {
    target: targetOf(provider, ["ClusterIdentityProvider", "IdentityProvider"]),
    operatorNamespace: options.operatorNamespace,
    ca: options.ca === undefined ? undefined : textOfFile("--ca", options.ca),
    allowedHosts: options.allowedHosts,
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
    serviceAccountToken: options.serviceAccountToken,
  };
}
