import { describe, expect, it } from "vitest";
import { isAllowedHost } from "../../../src/transport/host-allow-list.ts";

describe("a host is allowed", () => {
  it.each<[host: string, entry: string, why: string]>([
    ["login.acme.com", "login.acme.com", "the same name"],
    ["LOGIN.acme.com", "login.ACME.com", "in whichever case"],
    ["login.acme.com:443", "login.acme.com", "with the port that https has anyway"],
    ["login.acme.com", "login.acme.com:443", "with that port in the list"],
    ["login.acme.com:8443", "login.acme.com:8443", "with the port of the entry"],
    ["acme.eu.auth0.com", "*.auth0.com", "any depth below a wildcard"],
    ["acme.test:8443", "*.test:8443", "a wildcard with its port"],
    ["login.acme.com.", "login.acme.com", "the same name, fully qualified"],
    ["login.acme.com", "login.acme.com.", "an entry that is fully qualified"],
    ["a.acme.com.", "*.acme.com", "fully qualified, below a wildcard"],
    ["xn--bcher-kva.example", "bücher.example", "an entry in letters, a host in punycode"],
    ["bücher.example", "xn--bcher-kva.example", "a host in letters, an entry in punycode"],
    ["[2606:4700::1111]", "[2606:4700:0:0::1111]", "one address in two spellings"],
    ["[2606:4700::1111]:8443", "[2606:4700::1111]:8443", "an address with its port"],
    ["login.acme.com:9200", "login.acme.com:*", "every port, where the entry says so"],
    ["login.acme.com", "login.acme.com:*", "443 among every port"],
    ["a.acme.com:9200", "*.acme.com:*", "every port below a wildcard"],
    ["[2606:4700::1111]:9200", "[2606:4700::1111]:*", "every port of an address"],
    ["203.0.113.7:8443", "203.0.113.7:8443", "an IPv4 address with its port"],
  ])("%s by %s: %s", (host, entry) => {
    expect(isAllowedHost(host, [entry])).toBe(true);
  });
});

describe("a host is refused", () => {
  it.each<[host: string, entry: string, why: string]>([
    ["login.acme.com:9200", "login.acme.com", "another port than 443"],
    ["login.acme.com", "login.acme.com:8443", "443 where the entry has another"],
    ["login.acme.com:9200", "login.acme.com:8443", "another port than the entry's"],
    ["a.acme.com:9200", "*.acme.com", "another port below a wildcard"],
    ["a.acme.com", "*.acme.com:8443", "443 below a wildcard with another"],
    ["[2606:4700::1111]:8443", "[2606:4700::1111]", "another port of an address"],
    ["acme.com", "*.acme.com", "the name itself, which a wildcard does not cover"],
    [".acme.com", "*.acme.com", "a name without a first label"],
    ["evilacme.com", "*.acme.com", "a name that only ends alike"],
    ["acme.com.evil.test", "*.acme.com", "a name that only begins alike"],
    ["login.acme.com..", "login.acme.com", "two dots at the end"],
    ["login.acme.com@evil.test", "login.acme.com", "a user name that looks like a host"],
    ["evil.test/login.acme.com", "login.acme.com", "a path"],
    ["evil.test#.acme.com", "*.acme.com", "a fragment"],
    ["evil.test\\.acme.com", "*.acme.com", "a backslash, which is a slash in a URL"],
    ["", "login.acme.com", "nothing"],
    ["login.acme.com", "", "an empty entry"],
    ["login.acme.com", ":*", "every port of nothing"],
    ["login.acme.com", "*:*", "every port of a star alone"],
    ["evil.test:9200", "login.acme.com:*", "another name at every port"],
    ["login.acme.com", "*", "a star alone, which is no list"],
    ["login.acme.com", "*.", "a wildcard of nothing"],
    ["login.acme.com", "login.acme.com:99999", "an entry with an impossible port"],
  ])("%s by %s: %s", (host, entry) => {
    expect(isAllowedHost(host, [entry])).toBe(false);
  });
});
