import { pipeline, type Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { TransportError } from "../ports/http-transport.ts";

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What a request says that it takes (RFC 9110 section 12.5.3). */
export const ACCEPT_ENCODING = Object.keys(DECODERS).join(", ");

/**
 * The plain bytes of a body, piece by piece, however large they become: the reader counts them. `encoding`: the value of
 * Content-Encoding, empty without one. Throws `unreadable` for one that was not requested, and fails where the body does.
 */
export function decoded(body: Readable, encoding: string): AsyncIterable<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return body;
  const decoder = DECODERS[name]?.();
  if (decoder === undefined) {
    abandon(body);
    throw new TransportError("unreadable", "the answer has an encoding that was not requested", { sent: true });
  }
  // An error of either reaches the reader.
  pipeline(body, decoder, () => undefined);
  return decoder;
}

/** Nobody reads it, so that nobody hears of how it ends. */
export function abandon(body: Readable): void {
  body.on("error", () => undefined).destroy();
}
