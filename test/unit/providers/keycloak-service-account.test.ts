import { UnsecuredJWT } from "jose";
import { expect, it } from "vitest";
import { withoutKnownSecrets } from "../../../src/oauth/known-secrets.ts";
import type { ReadServiceAccountToken } from "../../../src/ports/service-account-token.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";
import { connectedBy } from "../../contract/connected.ts";

const ISSUER = "https://sso.example.com/realms/machines";
const CLUSTER = "https://cluster.example.com";
const SUBJECT = "system:serviceaccount:m2m-system:m2m-operator";
const CLIENT = {
  ...{ id: "1", clientId: "the-operator", attributes: {}, optionalClientScopes: [], defaultClientScopes: [] },
  ...{ serviceAccountsEnabled: true, access: { configure: true } },
};
const FEATURES = [{ name: "CLIENT_AUTH_FEDERATED", type: "DEFAULT" }];
const granted = (claims: Readonly<Record<string, unknown>>): Response =>
  Response.json({ access_token: new UnsecuredJWT(claims).encode(), token_type: "Bearer", expires_in: 300 });

interface Sent {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: string | null;
}

/** The adapter without a Secret, on a server with one client. `audiences`: for what a token was requested. */
async function connect(
  answer: () => Response = () => granted({ azp: "the-operator" }),
  read: ReadServiceAccountToken = () =>
    Promise.resolve({ token: "a.fake.assertion", issuer: CLUSTER, subject: SUBJECT }),
) {
  const sent: Sent[] = [];
  const audiences: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    clients: [CLIENT],
    "client-scopes": [],
    serverinfo: { features: FEATURES },
  };
  const provider = await connectedBy(
    "keycloak",
    { url: "https://sso.example.com", realm: "machines" },
    {},
    {
      readServiceAccountToken: (audience) => {
        audiences.push(audience);
        return read(audience);
      },
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const { pathname } = new URL(request.url);
        if (!pathname.endsWith("/token")) return Response.json(answers[pathname.split("/").at(-1) ?? ""]);
        const form = Object.fromEntries(new URLSearchParams(await request.text()));
        sent.push({ url: request.url, form, authorization: request.headers.get("authorization") });
        return answer();
      },
    },
  );
  return { provider, sent, audiences };
}

it("the token goes to the realm's own token endpoint, and nothing else authenticates the request (RFC 7523)", async () => {
  const { provider, sent, audiences } = await connect();
  expect(await provider.probe()).toEqual({ missingPermissions: [], ownClientId: "the-operator" });
  expect(audiences).toEqual([ISSUER]);
  expect(sent).toEqual([
    {
      url: `${ISSUER}/protocol/openid-connect/token`,
      form: {
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: "a.fake.assertion",
      },
      authorization: null,
    },
  ]);
});

it("the operator knows its own client by azp, and leaves it alone", async () => {
  const { provider } = await connect();
  await provider.probe();
  await provider.refresh(new Date(0));
  expect(await provider.clients.findByClientId("the-operator")).toMatchObject({ isSystem: true });
});

it("an access token that does not name its client is not used", async () => {
  const { provider } = await connect(() => granted({ sub: "x" }));
  await expect(provider.probe()).rejects.toMatchObject({ code: "unauthorized" });
});

it("without a token nothing is sent", async () => {
  const { provider, sent } = await connect(undefined, () =>
    Promise.reject(new ProviderError("no_credential", "There is none.")),
  );
  await expect(provider.probe()).rejects.toMatchObject({ code: "no_credential", message: "There is none." });
  expect(sent).toEqual([]);
});

const refuse = (status: number, error: string, description: string) => () =>
  Response.json({ error, error_description: description }, { status });

it.each([
  [
    "no identity provider, or no client",
    refuse(401, "invalid_client", "Invalid client or Invalid client credentials"),
    `of type Kubernetes with the issuer ${CLUSTER}, whose keys Keycloak can read. It also needs exactly one enabled client with the authenticator "Signed JWT - Federated", that identity provider and the subject ${SUBJECT}.`,
  ],
  ["another audience", refuse(400, "invalid_client", "Invalid token audience"), `It must be the issuer of the realm`],
  ["an expired token", refuse(400, "invalid_client", "Token is not active"), "expirationSeconds to 4500 or less"],
  [
    "a client without a service account",
    refuse(401, "unauthorized_client", "Client not enabled to retrieve service account"),
    "Switch on Service accounts roles",
  ],
])("a refusal names issuer and subject, and what to do: %s", async (_what, answer, advice) => {
  const { provider } = await connect(answer);
  const error = (await provider.probe().catch((thrown: unknown) => thrown)) as ProviderError;
  expect(error).toMatchObject({ code: "unauthorized" });
  expect(error.message).toContain(`Keycloak refused the token of ${SUBJECT} from issuer ${CLUSTER}`);
  expect(error.message).toContain(advice);
});

it("an answer that echoes the token does not bring it into the message", async () => {
  const { provider } = await connect(refuse(400, "invalid_client", "bad: a.fake.assertion"));
  const error = (await provider.probe().catch((thrown: unknown) => thrown)) as ProviderError;
  expect(error.message).not.toContain("a.fake.assertion");
  // What is logged soon afterwards is masked as well.
  expect(withoutKnownSecrets("saw a.fake.assertion", "***")).toBe("saw ***");
});
