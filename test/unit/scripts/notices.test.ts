import { expect, it } from "vitest";
import { isAccepted } from "../../../scripts/bundle/notices.ts";

it.each(["MIT", "(BSD-3-Clause OR GPL-2.0)", "(MIT AND Zlib)", "MPL-2.0"])("%s may be shipped", (license) => {
  expect(isAccepted(license)).toBe(true);
});

it.each(["GPL-3.0", "(MIT AND GPL-2.0)", "no licence", "SEE LICENSE IN LICENSE"])(
  "%s waits for a person's word",
  (license) => {
    expect(isAccepted(license)).toBe(false);
  },
);
