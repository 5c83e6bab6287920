import { describe, expect, it } from "vitest";
import { askForToken } from "../../../src/oauth/token-endpoint.ts";

const TOKEN = { access_token: "not-a-real-token", token_type: "Bearer", expires_in: 3600, scope: "a b" };

const ask = (answer: Response) =>
  askForToken(() => Promise.resolve(answer), { server: "Acme", url: "https://acme.test/oauth/token", parameters: {} });

describe("the answer of a token endpoint", () => {
  it("is a token when it says so in full", async () => {
    expect(await ask(Response.json(TOKEN))).toEqual({ isGranted: true, document: TOKEN });
  });

  it.each<[what: string, answer: () => Response]>([
    ["a page for people", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["plain text", () => new Response(JSON.stringify(TOKEN))],
    ["status 201", () => Response.json(TOKEN, { status: 201 })],
    ["nothing", () => new Response(null, { status: 204 })],
    ["{}", () => Response.json({})],
    ["null", () => Response.json(null)],
    ["a list", () => Response.json([TOKEN])],
    ["an empty token", () => Response.json({ ...TOKEN, access_token: "" })],
    ["a token of two lines", () => Response.json({ ...TOKEN, access_token: "not-a\r\nreal-token" })],
    ["a token that is a number", () => Response.json({ ...TOKEN, access_token: 1 })],
    ["no token type", () => Response.json({ ...TOKEN, token_type: undefined })],
    ["no lifetime", () => Response.json({ ...TOKEN, expires_in: undefined })],
    ["a lifetime that is a text", () => Response.json({ ...TOKEN, expires_in: "3600" })],
    ["a lifetime that never ends", () => Response.json({ ...TOKEN, expires_in: 1e300 })],
    ["a refusal that is a page", () => new Response("<html>", { status: 401 })],
    ...[402, 404, 405, 408, 409, 410, 418].map((status): [string, () => Response] => [
      `a refusal with ${String(status)}`,
      () => Response.json({ error: "invalid_client" }, { status }),
    ]),
    ["a failure of its own as a refusal", () => Response.json({ error: "server_error" }, { status: 400 })],
    ["a pause as a refusal", () => Response.json({ error: "temporarily_unavailable" }, { status: 403 })],
    ["a refusal without its error", () => Response.json({ message: "no" }, { status: 403 })],
  ])("with %s is neither a token nor a refusal", async (_what, answer) => {
    await expect(ask(answer())).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
  });

  it.each([429, 503])("needs no more than its status with %i", async (status) => {
    expect(await ask(new Response("<html>", { status }))).toMatchObject({ isGranted: false, status });
  });

  it("is a refusal when it names the error", async () => {
    const document = { error: "invalid_client", error_description: "no" };
    expect(await ask(Response.json(document, { status: 401 }))).toMatchObject({
      isGranted: false,
      status: 401,
      document,
    });
  });
});
