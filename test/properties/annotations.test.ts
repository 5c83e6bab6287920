import fc from "fast-check";
import { expect, it } from "vitest";
import { isCompromised } from "../../src/kinds/m2m-client/rotation/compromise.ts";
import { wantedRotation } from "../../src/kinds/m2m-client/rotation/desire.ts";
import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { ANNOTATIONS, MAX_REQUEST_LENGTH } from "../../src/kinds/schema/annotations.ts";
import { holds } from "./holds.ts";
import { NOW } from "./worlds.ts";

/** Times, what nearly is one, and any text. */
const times: fc.Arbitrary<string> = fc.oneof(
  fc
    .date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") })
    .map((time) => time.toISOString()),
  fc.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})$/),
  fc.string({ unit: "binary", maxLength: 200 }),
);

it("whatever an annotation says, it is a time that is over, a request, or a problem that names it", () => {
  holds(
    fc.property(times, times, (compromised, requested) => {
      const annotations = { [ANNOTATIONS.compromisedAt]: compromised, [ANNOTATIONS.rotateRequestedAt]: requested };
      const metadata = { name: "job", namespace: "team", uid: "u", resourceVersion: "1", annotations };
      const { compromisedAt, request = "" } = wantedRotation(
        { metadata, spec: {} } as unknown as M2MClient,
        () => "0".repeat(64),
        NOW,
      );
      expect([...request].length).toBeLessThanOrEqual(MAX_REQUEST_LENGTH);
      expect(requested.startsWith(request), "another request").toBe(true);
      if (compromisedAt === undefined) throw new Error("an annotation that is passed over");
      if ("problem" in compromisedAt) expect(compromisedAt.problem).toContain(ANNOTATIONS.compromisedAt);
      else expect(compromisedAt.time.getTime()).toBeLessThan(NOW.getTime() + 3_600_000);
      expect(typeof isCompromised(metadata, NOW.toISOString())).toBe("boolean");
    }),
    2000,
  );
});
