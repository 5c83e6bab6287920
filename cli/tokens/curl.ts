import type { PublishedApi, PublishedCredential } from "./published.ts";
import { tokenParameters } from "./request-token.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The curl command for the same request. In place of the credential it names variables of the shell. */
export function curlCommand(
  { clientId, authenticationFor }: PublishedCredential,
  api: PublishedApi,
  organization: string | undefined,
): string {
  const { method } = authenticationFor(api);
  const parameters = Object.entries(tokenParameters(api, organization)).map(
    ([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`,
  );
  return [`curl --request POST ${quoted(api.token_endpoint)}`, ...parameters, ...proofLines(method, clientId)].join(
    " \\\n  ",
  );
}

function proofLines(method: string, clientId: string): readonly string[] {
  const id = `--data-urlencode ${quoted(`client_id=${clientId}`)}`;
  switch (method) {
    case "client_secret_basic":
      return [`--user ${quoted(clientId)}:"$CLIENT_SECRET"`];
    case "client_secret_post":
      return [id, `--data-urlencode "client_secret=$CLIENT_SECRET"`];
    default:
      return [
        id,
        `--data-urlencode 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer'`,
        `--data-urlencode "client_assertion=$CLIENT_ASSERTION"`,
      ];
  }
}
