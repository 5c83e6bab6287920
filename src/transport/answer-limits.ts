import { TransportError } from "../ports/http-transport.ts";

/** Levels of lists and objects in each other. No document of a vendor comes near it. */
const MAX_DEPTH = 64;
/** A value takes so many bytes on average at least, its name and punctuation included. */
const BYTES_PER_VALUE = 8;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
/** By how many levels a byte outside of texts leads deeper: brackets and braces. */
const STEPS = new Int8Array(256);
STEPS.set([1], 0x5b);
STEPS.set([-1], 0x5d);
STEPS.set([1], 0x7b);
STEPS.set([-1], 0x7d);

/** Counts what a JSON text would cost, before anybody parses it. */
interface Count {
  /** What follows in the text. Throws `too_large` as soon as it is over a limit. */
  add(bytes: Uint8Array): void;
}

const tooLarge = (what: string): TransportError =>
  new TransportError("too_large", `the answer has more than ${what}`, { sent: true });

/** At most so many bytes, an eighth as many values, and 64 levels. */
export function countUpTo(maxBytes: number): Count {
  const maxValues = Math.floor(maxBytes / BYTES_PER_VALUE);
  let size = 0;
  let place: Place = { values: 0, depth: 0, isInText: false, isEscaped: false };
  return {
    add: (bytes) => {
      size += bytes.byteLength;
      if (size > maxBytes)
        throw tooLarge(`${String(maxBytes)} bytes. The flag --max-answer-bytes sets how many the operator reads`);
      place = placeAfter(place, bytes);
      if (place.values > maxValues) throw tooLarge(`${String(maxValues)} values`);
    },
  };
}

/** Where a text was cut, and what came before. */
interface Place {
  readonly values: number;
  readonly depth: number;
  readonly isInText: boolean;
  readonly isEscaped: boolean;
}

// Every byte of every answer passes here, so that nothing is called for one.
function placeAfter(before: Place, bytes: Uint8Array): Place {
  let { values, depth, isInText, isEscaped } = before;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (isEscaped) isEscaped = false;
    else if (isInText && byte === BACKSLASH) isEscaped = true;
    else if (byte === QUOTE) isInText = !isInText;
    else if (!isInText) {
      const step = STEPS[byte ?? 0] ?? 0;
      depth += step;
      if (step > 0 || byte === COMMA) values += 1;
      if (depth > MAX_DEPTH) throw tooLarge(`${String(MAX_DEPTH)} levels`);
    }
  }
  return { values, depth, isInText, isEscaped };
}
