/** One answer that is none, made of the right one. `undefined` where that would be a right one too. */
interface BadAnswer {
  readonly what: string;
  readonly from: (right: RightAnswer) => Response | undefined;
}

export interface RightAnswer {
  readonly text: string;
  /** `any`: nothing of the document is read. `nothing`: there is none. */
  readonly kind: "list" | "object" | "any" | "nothing";
}

const JSON_TYPE = { "content-type": "application/json" };

const json = (status: number, text: string): Response => new Response(text, { status, headers: JSON_TYPE });

const parsed = (text: string): unknown => JSON.parse(text);

/** Where ids are, and what else tells one object from another. */
const TELLING = new Set([
  ...["id", "client_id", "grant_id", "kid", "name", "identifier", "audience", "audiences", "include", "m2m_operator"],
  "client_secret",
]);

/** With another value for every member that tells objects apart. */
function changed(value: unknown, change: (id: unknown) => unknown, isTelling = false): unknown {
  if (Array.isArray(value)) return value.map((item) => changed(item, change, isTelling));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, changed(member, change, TELLING.has(key))]),
    );
  return isTelling ? change(value) : value;
}

/** Without the items, whose number stays. */
function withoutItems(document: unknown): unknown {
  if (Array.isArray(document)) return {};
  return Object.fromEntries(Object.entries(document as object).filter(([, member]) => !Array.isArray(member)));
}

const NO_PAGE = "<!doctype html><title>Maintenance</title>";

export const BAD_ANSWERS: readonly BadAnswer[] = [
  { what: "a page for people", from: () => new Response(NO_PAGE, { headers: { "content-type": "text/html" } }) },
  { what: "a page that says that it is JSON", from: () => json(200, NO_PAGE) },
  { what: "status 299", from: ({ text }) => json(299, text === "" ? "{}" : text) },
  {
    what: "plain text",
    from: ({ text }) => new Response(text === "" ? "done" : text, { headers: { "content-type": "text/plain" } }),
  },
  { what: "an empty body", from: () => json(200, "") },
  {
    what: "no content",
    from: ({ kind }) => (kind === "any" || kind === "nothing" ? undefined : new Response(null, { status: 204 })),
  },
  { what: "{}", from: ({ kind }) => (kind === "any" ? undefined : json(200, "{}")) },
  { what: "null", from: () => json(200, "null") },
  { what: "a text", from: () => json(200, '"done"') },
  { what: "a list of nothing useful", from: () => json(200, '[{"status":"ACTIVE"}]') },
  {
    what: "a page of another resource",
    from: () => json(200, '[{"id":"00g1","type":"OKTA_GROUP","profile":{"name":"people"}}]'),
  },
  {
    what: "no list",
    from: ({ text, kind }) => (kind === "list" ? json(200, JSON.stringify(withoutItems(parsed(text)))) : undefined),
  },
  { what: "half of the document", from: ({ text }) => json(200, (text === "" ? '{"a":' : text).slice(0, -1)) },
  ...(
    [
      ["no ids", () => undefined],
      ["empty ids", () => ""],
      ["ids that are numbers", () => 1],
      ["ids that are other paths", () => ".."],
      ["another object's", (id: unknown) => `${String(id)}0`],
    ] as const
  ).map(([what, change]) => ({
    what: `an answer with ${what}`,
    from: ({ text, kind }: RightAnswer) => {
      const isAnotherList = kind === "list" && what === "another object's";
      if (kind === "any" || kind === "nothing" || isAnotherList) return undefined;
      return json(200, JSON.stringify(changed(parsed(text), change)));
    },
  })),
];
