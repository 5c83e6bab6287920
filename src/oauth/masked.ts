import { withoutKnownSecrets } from "./known-secrets.ts";
import { looksRandom } from "./looks-random.ts";

/** Stands for what was left out. */
export const MASK = "[masked]";

const PEM = /-----BEGIN [A-Z0-9 ]+-----(?:[^"-]|-(?!----(?:END|BEGIN) ))*(?:-----END [A-Z0-9 ]+-----)?/g;
/** What a token in its compact form can be part of: each character is in one run, so that long texts take no longer. */
const DOTTED_RUN = /[\w.-]+/g;
/** How an encoded JSON object begins. */
const ENCODED_OBJECT = /eyJ[\w-]{6}/;
/** An API token of Okta. */
const PREFIXED_TOKEN = /(?<![\w-])00[\w-]{40}(?![\w-])/g;
const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie|dpop)((?:\\*["'])?\s*:\s*(?:\\*["'])?)([^"'\\\r\n]+)/gi;
const SCHEME = /\b(Bearer|Basic|SSWS|DPoP) +(?=\S*[^A-Za-z\s.,;])[^\s"'\\,;]+/gi;
const SECRET_NAME =
  "client_secret|clientSecret|client_assertion|private_key|privateKey|api_token|apiToken|access_token|refresh_token|id_token|signing_secret|password";
const ASSIGNED = new RegExp(
  `(?<![A-Za-z])(${SECRET_NAME})((?:\\\\*["'])?\\s*[=:]\\s*(?:\\\\*["'])?)([^\\s"'\\\\,;&}]+)`,
  "g",
);
/** Whatever could be an encoded secret; a name, a path or a word is recognised by how it looks. */
const RUN = /[A-Za-z0-9_+/-]{40,}={0,2}/g;

/**
 * The text without what is a credential of this process or may be one: values that it holds, keys in PEM, tokens, what is assigned to a secret's name or sent in a
 * header, and long runs that look random. Words, paths, UUIDs, names of Kubernetes objects and ids of clients stay.
 */
export function masked(text: string): string {
  return withoutKnownSecrets(text, MASK)
    .replace(PEM, MASK)
    .replace(DOTTED_RUN, withoutToken)
    .replace(HEADER, `$1$2${MASK}`)
    .replace(ASSIGNED, (whole, name: string, between: string, value: string) =>
      isPlainWord(between, value) ? whole : `${name}${between}${MASK}`,
    )
    .replace(SCHEME, `$1 ${MASK}`)
    .replace(PREFIXED_TOKEN, MASK)
    .replace(RUN, (run) => (looksRandom(run) ? MASK : run));
}

/** RFC 7515 and 7516 in their compact form: an encoded JSON object first, at least two more parts after dots. */
function withoutToken(run: string): string {
  if (!run.includes("eyJ")) return run;
  const parts = run.split(".");
  const first = parts.slice(0, -2).findIndex((part) => ENCODED_OBJECT.test(part));
  const before = parts[first];
  if (before === undefined) return run;
  return [...parts.slice(0, first), before.slice(0, before.search(ENCODED_OBJECT)) + MASK].join(".");
}

/** A sentence about a secret (`client_secret: missing`), where nothing is quoted or assigned. */
const isPlainWord = (between: string, value: string): boolean => /^:\s+$/.test(between) && /^[a-z]+\.?$/i.test(value);
