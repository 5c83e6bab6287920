import { expect, it } from "vitest";
import { isPrivateLiteral, isPublicAddress } from "../../../src/transport/public-address.ts";

it.each<[address: string, isPublic: boolean, what: string]>([
  ["8.8.8.8", true, "an address of the internet"],
  ["2606:4700::1111", true, "global unicast"],
  ["::ffff:8.8.8.8", true, "an IPv4 address of the internet, mapped"],
  ["0.0.0.0", false, "unspecified"],
  ["127.0.0.1", false, "loopback"],
  ["10.1.2.3", false, "private"],
  ["172.16.0.1", false, "private"],
  ["192.168.0.1", false, "private"],
  ["100.64.0.1", false, "carrier-grade NAT"],
  ["169.254.169.254", false, "link-local, where clouds keep their metadata"],
  ["192.0.2.1", false, "documentation"],
  ["198.18.0.1", false, "benchmarks"],
  ["224.0.0.1", false, "multicast"],
  ["255.255.255.255", false, "broadcast"],
  ["::", false, "unspecified"],
  ["::1", false, "loopback"],
  ["::7f00:1", false, "loopback, as an IPv4-compatible address"],
  ["::808:808", false, "IPv4-compatible, which nobody routes"],
  ["::ffff:127.0.0.1", false, "loopback, mapped"],
  ["::ffff:0:7f00:1", false, "loopback, translated"],
  ["64:ff9b::7f00:1", false, "NAT64"],
  ["64:ff9b:1::7f00:1", false, "NAT64 of a local network"],
  ["2002:7f00:1::", false, "6to4"],
  ["2001::1", false, "Teredo"],
  ["2001:db8::1", false, "documentation"],
  ["3fff::1", false, "documentation"],
  ["fc00::1", false, "unique local"],
  ["fd12:3456::1", false, "unique local"],
  ["fe80::1", false, "link-local"],
  ["fe80::1%eth0", false, "link-local with a zone"],
  ["fec0::1", false, "site-local, deprecated and still private"],
  ["5f00::1", false, "segment routing"],
  ["ff02::1", false, "multicast"],
  ["100::1", false, "discard-only"],
  ["localhost", false, "no address at all"],
])("%s is public: %s (%s)", (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});

it.each<[hostname: string, isPrivate: boolean]>([
  ["[::7f00:1]", true],
  ["[fec0::1]", true],
  ["127.0.0.1", true],
  ["8.8.8.8", false],
  ["[2606:4700::1111]", false],
  ["localhost", false],
  ["acme.auth0.com", false],
])("a URL with the host %s names a private address: %s", (hostname, isPrivate) => {
  expect(isPrivateLiteral(hostname)).toBe(isPrivate);
});
