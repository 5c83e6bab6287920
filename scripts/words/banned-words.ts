/** A word or phrase that our texts do not use, and what to write instead. */
export interface BannedWord {
  readonly pattern: RegExp;
  readonly instead: string;
}

const word = (pattern: string, instead: string, flags = "gi"): BannedWord => ({
  pattern: new RegExp(`\\b(?:${pattern})\\b`, flags),
  instead,
});

/** Idioms, ambiguous words and second names for one thing. The right column is the word that the field uses. */
export const BANNED_WORDS: readonly BannedWord[] = [
  word("(?:a|the|each|every|next|last|first|this|no-op) looks?(?! like)", '"refresh" or "sync"'),
  word("by and by", '"in the background"'),
  word("puts? (?:it |them )?right", '"reverts" or "corrects"'),
  word("(?:take|takes|taken|took|taking) (?:(?!precedence)\\w+ )?over", '"adopt", or for a Lease "acquire"'),
  word("(?:keep|keeps|kept) \\w+ (?:\\w+ )?equal", '"keeps in sync"'),
  word("go on|goes on|went on|going on", '"continue"'),
  word("mend|mends|mended|mending", '"fix" or "correct"'),
  word("(?:is|are|was|were) told", 'who says it: "the operator reports …"'),
  word("asked for|asked first", '"requested", "evaluated first"'),
  word("what there is|what is there|what is where", "the name of the thing"),
  word("as (?:it|they) (?:is|are|should be|ought to be)(?= *[.,])", '"up to date" or "as specified"'),
  word("once and for all|for good", '"permanently", "immutable"'),
  word("in the end", '"finally"'),
  word("is ended|are ended|was ended|were ended", '"is revoked" or "is deleted"'),
  word("works? no longer", '"no longer works"'),
  word("whoever|whatever becomes", '"anyone who …"'),
  word("lets? (?:the |a )?\\w+ go", '"releases"'),
  word("stays? away", '"is not created again"'),
  word("of yours|of ours|of theirs|of its own making", '"your …", "its …"'),
  word("nobody's|somebody's|everybody's", 'who owns it, or "not managed"'),
  word("greatest age|smallest age", '"maximum age", "minimum age"'),
  word("therein|thereof|thereby|whereupon|hereby|hitherto", "shorter words"),
  word("simply|easily|obviously|seamless(?:ly)?|leverages?|utilizes?|powerful", "the fact alone"),
  word("allows to", '"lets you" or "allows … to"'),
  word("and the like|and so forth", "the full list"),
  word("client ids?", '"client ID"', "g"),
  word("looks? again|look now", '"checks again", "check now"'),
  word("goes? away|went away|gone away", '"is removed" or "disappears"'),
  word("(?:gives?|gave|given) (?:\\w+ ){0,3}away", '"releases" or "returns"'),
  word("anew", '"again"'),
  word("a (?=API\\b|OAuth|Auth0|Okta|Ingress|issuer|operator)", '"an"', "g"),
  word("has not (?:a|an|the|any|this|that)", '"does not have" or "does not support"'),
];
