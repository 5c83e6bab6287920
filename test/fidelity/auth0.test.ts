import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Agent, fetch } from "undici";
import { MANAGEMENT_SCOPES } from "../../sandbox/auth0/tenant.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { EXCEPTIONS } from "./exceptions.ts";
import { type Exchange, fixturesFolder, readExchanges, readManagementScopes } from "./recordings.ts";
import { seed } from "./seed.ts";
import { samplePems, withRealKeys } from "./sample-keys.ts";
import { comparable, shapeOf } from "./shape.ts";

const folder = fixturesFolder();
const exchanges = folder === undefined ? [] : readExchanges(folder);
const nameOf = ({ src, file, i, method, path, status }: Exchange): string =>
  `${src} ${file}#${String(i)} ${method} ${path.slice(0, 80)} ${String(status)}`;

describe.skipIf(folder === undefined)(
  "recorded exchanges of the real API (skipped: FIDELITY_FIXTURES names no folder with them)",
  () => {
    let sandbox: Sandbox;
    let dispatcher: Agent;
    let token: string;
    beforeAll(async () => {
      sandbox = await startSandbox({ auth0: { managementScopes: MANAGEMENT_SCOPES } });
      dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
      const { clientId, clientSecret, domain, url } = sandbox.auth0;
      const body = {
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        audience: `https://${domain}/api/v2/`,
      };
      const answer = await fetch(`${url}/oauth/token`, {
        method: "POST",
        dispatcher,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      ({ access_token: token } = (await answer.json()) as { access_token: string });
    });
    beforeEach(() => {
      // The token stays good without the client it was given to.
      const { state } = sandbox.tenant;
      state.clients.clear();
      state.grants.clear();
      for (const map of [state.credentials, state.organizations, state.grantOrganizations]) map.clear();
      for (const api of [...state.resourceServers.values()])
        if (api["is_system"] !== true) state.resourceServers.delete(api.id);
    });
    afterAll(async () => {
      await dispatcher.close();
      await sandbox.close();
    });

    const replay = async (exchange: Exchange): Promise<{ status: number; body: unknown }> => {
      seed(sandbox.tenant, exchange);
      const hasBody = exchange.method !== "GET" && exchange.method !== "DELETE";
      const answer = await fetch(sandbox.auth0.url + exchange.path, {
        method: exchange.method,
        dispatcher,
        headers: { authorization: `Bearer ${token}`, ...(hasBody ? { "content-type": "application/json" } : {}) },
        ...(hasBody ? { body: JSON.stringify(withRealKeys(exchange.request ?? {}, await samplePems())) } : {}),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    };

    it.each(exchanges.map((exchange) => [nameOf(exchange), exchange] as const))("%s", async (name, exchange) => {
      const { status, body } = await replay(exchange);
      const ours = { status, shape: shapeOf(comparable(body, exchange)) };
      const theirs = { status: exchange.status, shape: shapeOf(comparable(exchange.response, exchange)) };
      // A listed exception that no longer is one must leave the list.
      if (EXCEPTIONS.some(({ of }) => name.includes(of))) expect(ours).not.toEqual(theirs);
      else expect(ours).toEqual(theirs);
    });

    it("the Management API's scopes are real ones", () => {
      const real = readManagementScopes(folder ?? "");
      expect(MANAGEMENT_SCOPES.filter((scope) => !real.has(scope))).toEqual([]);
    });
  },
);
