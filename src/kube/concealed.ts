const MASK = "[masked]";

/** Values shorter than this are words, such as `true`, that a message may need. */
const SHORTEST_VALUE = 8;
/** So many characters that a message has in common with a value are a quotation of it. */
const QUOTED = 16;
/** Letters of both cases and digits in one run: names and keys of Kubernetes objects are not written so. */
const RUN = /[A-Za-z0-9+/_=~-]{20,}/g;
const isMixed = (run: string): boolean => /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);

/**
 * For messages about one Secret: takes out these plain values and every part of them, as text, base64 or JSON, and
 * whatever else looks like a value. What the API server itself says quotes none; an admission policy or webhook may.
 */
export function concealing(values: readonly string[]): (text: string) => string {
  const forms = values
    .filter((value) => value.length >= SHORTEST_VALUE)
    .flatMap((value) => [value, Buffer.from(value).toString("base64"), JSON.stringify(value).slice(1, -1)])
    .sort((a, b) => b.length - a.length);
  return (text) => {
    const whole = forms.reduce((rest, form) => rest.replaceAll(form, MASK), text);
    return forms.reduce(withoutPartsOf, whole).replace(RUN, (run) => (isMixed(run) ? MASK : run));
  };
}

function withoutPartsOf(text: string, value: string): string {
  let rest = text;
  for (let at = 0; at + QUOTED <= rest.length; at++) {
    let end = at + QUOTED;
    if (!value.includes(rest.slice(at, end))) continue;
    while (end < rest.length && value.includes(rest.slice(at, end + 1))) end += 1;
    rest = rest.slice(0, at) + MASK + rest.slice(end);
    at += MASK.length - 1;
  }
  return rest;
}
