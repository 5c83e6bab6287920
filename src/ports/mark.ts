/**
 * The ownership mark written on remote objects that can carry one, and how it is read back.
 * Fixed length, only characters that every provider accepts: `m2m1.<instance>.<object>.<uid>.<origin>.<nonce>`.
 */
export interface Mark {
  /** The operator installation (`--instance-id`), 1 to 32 characters of `[a-z0-9-]`. */
  readonly instance: string;
  /** Hash of kind, namespace and name of the owning resource, 16 hex characters. */
  readonly object: string;
  /** UID of the owning resource. */
  readonly uid: string;
  /** Whether the remote object was made by this operator or adopted. */
  readonly origin: "made" | "adopted";
  /** Names one attempt to create, so that its outcome can be found after a crash; 16 hex characters. */
  readonly nonce: string;
}

/** The metadata key (Auth0 `client_metadata`, Okta `profile`) under which the mark is kept. */
export const MARK_KEY = "m2m_operator";

const PATTERN = /^m2m1\.([a-z0-9-]{1,32})\.([0-9a-f]{16})\.([0-9a-fA-F-]{36})\.(made|adopted)\.([0-9a-f]{16})$/;

export function formatMark(mark: Mark): string {
  return `m2m1.${mark.instance}.${mark.object}.${mark.uid}.${mark.origin}.${mark.nonce}`;
}

/** `undefined` for anything that is not exactly a mark: a foreign or damaged mark owns nothing. */
export function parseMark(text: string | undefined): Mark | undefined {
  const match = PATTERN.exec(text ?? "");
  if (match === null) return undefined;
  const [, instance = "", object = "", uid = "", origin, nonce = ""] = match;
  return { instance, object, uid, origin: origin === "adopted" ? "adopted" : "made", nonce };
}
