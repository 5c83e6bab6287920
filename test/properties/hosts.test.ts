import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesAudience } from "../../src/consent/audience-pattern.ts";
import { isAllowedHost } from "../../src/transport/host-allow-list.ts";
import { holds } from "./holds.ts";

/** Pieces of hosts and URLs that have deceived parsers before. */
const piece = fc.constantFrom(
  ...["acme.com", "login", "evil.example", ".", "*", "/", "\\", "@", "#", "?", ":", "443", "8443", " ", "\t", "%2e"],
  ...["ACME.com", "xn--", "ä", "[::1]", "://", "https", "..", "a"],
);
const text = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(""));

it("a host that is allowed is, as a URL, the host and the port of an entry, and nothing more", () => {
  holds(
    fc.property(text, (host) => {
      if (!isAllowedHost(host, ["login.acme.com", "*.acme.com:8443"])) return;
      const { hostname, port, pathname, username, search, hash } = new URL(`https://${host}/`);
      expect([pathname, username, search, hash]).toEqual(["/", "", "", ""]);
      const name = hostname.replace(/\.$/, "");
      if (port === "8443") expect(name).toMatch(/[^.]\.acme\.com$/);
      else expect([name, port]).toEqual(["login.acme.com", ""]);
    }),
    2000,
  );
});

it("a host without a star is allowed by itself, whatever its case", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  holds(
    fc.property(
      fc.array(label, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 65_535 }),
      (labels, port) => {
        const host = `${labels.join(".")}:${String(port)}`;
        expect(isAllowedHost(host.toUpperCase(), [host])).toBe(true);
        expect(isAllowedHost(host, [`${labels.join(".")}:${String((port % 65_535) + 1)}`])).toBe(false);
      },
    ),
  );
});

it("a star in the host of a pattern never reaches another host, as a URL parser reads the audience", () => {
  holds(
    fc.property(text, text, (start, end) => {
      for (const audience of [`https://${start}`, `https://${start}.acme.com/${end}`, start]) {
        if (!matchesAudience("https://*.acme.com/*", audience)) continue;
        const url = URL.parse(audience);
        if (url !== null) expect(url.hostname).toMatch(/(^|\.)acme\.com$/);
      }
    }),
    2000,
  );
});

it("outside URLs a pattern is what the same regular expression is", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", ":", "."), maxLength: 8 });
  const pattern = fc.array(fc.oneof(letters, fc.constant("*")), { maxLength: 5 }).map((parts) => parts.join(""));
  holds(
    fc.property(pattern, letters, (wanted, audience) => {
      const parts = wanted.split("*").map((part) => part.replaceAll(".", "\\."));
      expect(matchesAudience(wanted, audience)).toBe(new RegExp(`^${parts.join(".*")}$`).test(audience));
    }),
    1000,
  );
});
