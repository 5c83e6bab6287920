const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Ids of Okta, as paths have them. */
const SHORT_ID = /(?<=^|\/)[a-z0-9]{3}[A-Za-z0-9]{17}(?=$|\/)/g;
/** The shortest secrets that a provider makes. */
const SHORTEST_SECRET = 40;
/** Longer than any label of a DNS name, and so than the names of nearly all Kubernetes objects. */
const LONGER_THAN_A_LABEL = /[A-Za-z0-9_+-]{64}/;
const LONGER_THAN_A_WORD = /[a-z]{26}|[A-Z]{26}|[0-9]{26}/;
/** A step of a path, such as `api` or `authorizationServers`. */
const STEP = /^[a-z]{3,}([A-Z][a-z]+)*$/;
/** Between letters and digits, or into capitals: within a word there is none. */
const TURN = /[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])/g;

/**
 * Whether a run of letters, digits and `_ + / - =` is rather drawn at random than written or named by somebody: by how
 * often letters, capitals and digits follow each other (0.12 times a character in identifiers, 0.3 to 0.5 in secrets).
 */
export function looksRandom(run: string): boolean {
  const withoutUuids = run.replace(UUID, "");
  const text = /[+=]/.test(run) ? withoutUuids : withoutUuids.replace(SHORT_ID, "");
  const steps = text.split("/");
  return steps.some((step) => STEP.test(step)) ? steps.some(isRandom) : isRandom(text);
}

function isRandom(text: string): boolean {
  if (text.length < SHORTEST_SECRET) return false;
  if (LONGER_THAN_A_LABEL.test(text) || LONGER_THAN_A_WORD.test(text)) return true;
  const parts = text.split(/[-_+/=]+/).filter((part) => part !== "");
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text);
  const [whole = ""] = parts;
  // Names of functions are as long, and have both.
  if (parts.length === 1) return isMixed ? turnsIn(whole) > 0.2 : /[0-9]/.test(whole);
  // Names of Kubernetes objects have no capitals, and random parts only after words.
  const [turns, share] = isMixed ? [0.15, 0.5] : [0.2, 0.65];
  const lengthOf = (some: readonly string[]): number => some.reduce((sum, part) => sum + part.length, 0);
  return lengthOf(parts.filter((part) => turnsIn(part) > turns)) >= share * lengthOf(parts);
}

const turnsIn = (part: string): number => (part.match(TURN) ?? []).length / Math.max(1, part.length - 1);
