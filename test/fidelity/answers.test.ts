import { describe, expect, it } from "vitest";
import type { Fetch } from "../../src/ports/http-transport.ts";
import { believing, type Vendor } from "../../src/providers/answers.ts";
import { AUTH0 } from "../../src/providers/auth0/answers.ts";
import { OKTA } from "../../src/providers/okta/answers.ts";
import { readOktaExchanges } from "./okta-recordings.ts";
import { fixturesFolder, readExchanges } from "./recordings.ts";

/** An answer of the real API to a request that the adapters may send too. */
interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly url: URL;
  readonly request: unknown;
  readonly status: number;
  readonly body: unknown;
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const UNKNOWN = "The operator does not send";

const auth0 = (): readonly Recorded[] =>
  readExchanges(fixturesFolder() ?? "")
    // Recorders that write documents again leave out what they do not know, such as what a refusal says.
    .filter(({ status, response_reserialised_by_recorder: isChanged }) => status < 400 || isChanged !== true)
    .map(({ file, i, method, path, status, request, response }) => ({
      ...{ name: `${file}#${String(i)} ${method} ${path}`, method, url: new URL(path, "https://tenant.example.com") },
      ...{ request, status, body: response },
    }));

const okta = (): readonly Recorded[] =>
  readOktaExchanges().map(({ name, request, response }) => ({
    ...{ name, method: request.method, url: new URL(request.url), request: request.body },
    ...{ status: response.status, body: response.body },
  }));

/** What the check says of a recorded answer: nothing, when it is believed. */
async function complaint(vendor: Vendor, { method, url, request, status, body }: Recorded): Promise<string> {
  const text = status === 204 ? null : JSON.stringify(body ?? {});
  const answer: Fetch = () => Promise.resolve(new Response(text, { status, headers: JSON_TYPE }));
  const init = { method, ...(request === undefined || request === null ? {} : { body: JSON.stringify(request) }) };
  return believing(answer, vendor)(url, init).then(
    () => "",
    (error: unknown) => String(error),
  );
}

const withoutRecordings = fixturesFolder() === undefined;

/** What the adapters do not ask for, and what the recorder left out. */
const EXCEPTIONS: readonly string[] = [
  // Clients found by a search, and without their total.
  "TestOrganizationManager_ClientGrantsWithOrg.yaml#5 ",
  // The recorder kept nothing of the 404.
  "TestResourceServer_Delete.yaml#2 ",
  // By a name that the adapter resolves in the listing.
  "as-default-get",
  // The recorder left some scopes out and says so in the list.
  "scope-list-on-default",
];

describe.skipIf(withoutRecordings)("every recorded answer to what the adapter sends is believed", () => {
  it.each([
    ["Auth0", AUTH0, auth0],
    ["Okta", OKTA, okta],
  ] as const)("%s", async (_label, vendor, read) => {
    const recorded = withoutRecordings
      ? []
      : read().filter(({ name }) => !EXCEPTIONS.some((one) => name.startsWith(one)));
    const complaints = await Promise.all(
      recorded.map(async (exchange) => [exchange.name, await complaint(vendor, exchange)] as const),
    );
    const believed = complaints.filter(([, text]) => text === "");
    expect(complaints.filter(([, text]) => text !== "" && !text.includes(UNKNOWN))).toEqual([]);
    expect(believed.length).toBeGreaterThan(20);
  });
});
