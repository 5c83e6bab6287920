import { expect, it } from "vitest";
import { createMetricsAccess, type MetricsVerdict } from "../../../src/telemetry/metrics-access.ts";

function start(judge: (token: string) => Promise<MetricsVerdict>) {
  const asked: string[] = [];
  let now = 0;
  const access = createMetricsAccess({
    clock: { monotonicMs: () => now },
    sha256: (text) => `digest of ${text}`,
    judge: (token) => {
      asked.push(token);
      return judge(token);
    },
  });
  return { access, asked, pass: (ms: number) => (now += ms) };
}

it.each([
  [undefined, 401],
  ["Basic YTpi", 401],
  ["Bearer ", 401],
  [`Bearer ${"x".repeat(20_000)}`, 401],
  ["Bearer nobody", 401],
  ["Bearer stranger", 403],
  ["Bearer scraper", undefined],
  ["bearer scraper", undefined],
])("the header %s is answered with %s", async (header, expected) => {
  const verdicts: Readonly<Record<string, MetricsVerdict>> = { stranger: "forbidden", scraper: "allowed" };
  const { access } = start((token) => Promise.resolve(verdicts[token] ?? "unauthenticated"));
  expect(await access(header)).toBe(expected);
});

it("a scraper is asked about once a minute, and a permission that is taken away ends then", async () => {
  let verdict: MetricsVerdict = "allowed";
  const { access, asked, pass } = start(() => Promise.resolve(verdict));
  for (let i = 0; i < 4; i++) await access("Bearer a");
  expect(asked).toEqual(["a"]);
  verdict = "forbidden";
  pass(60_000);
  expect(await access("Bearer a")).toBe(403);
});

it("made-up tokens cost the API server only so many questions at a time", async () => {
  const answers: (() => void)[] = [];
  const { access, asked } = start(
    () =>
      new Promise((resolve) =>
        answers.push(() => {
          resolve("unauthenticated");
        }),
      ),
  );
  const all = Array.from({ length: 20 }, (_, index) => access(`Bearer ${String(index)}`));
  expect(asked).toHaveLength(4);
  for (const answer of answers) answer();
  expect((await Promise.all(all)).filter((refusal) => refusal === 503)).toHaveLength(16);
});

it("what the API server did not answer is not remembered", async () => {
  let isDown = true;
  const { access } = start(() => (isDown ? Promise.reject(new Error("down")) : Promise.resolve("allowed")));
  await expect(access("Bearer a")).rejects.toThrow("down");
  isDown = false;
  expect(await access("Bearer a")).toBeUndefined();
});
