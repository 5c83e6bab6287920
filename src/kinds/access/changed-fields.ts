type Members = Readonly<Record<string, unknown>>;

/** What is no field of a spec: members of a change that stand for several settings, or for none that people write. */
const WORDS: Readonly<Record<string, string>> = {
  mark: "the ownership mark",
  restore: "settings that no field covers",
  restoreServiceType: "the grant types",
  lifetimeSeconds: "tokenLifetime",
  "tokens.lifetimeSeconds": "tokens.lifetime",
};

/** Names of the fields that a change is about: `displayName`, `tokens.signingAlgorithm`, `metadata.team`. Never a value. */
export function changedFields(change: object): readonly string[] {
  return Object.entries(change as Members).flatMap(([name, value]): readonly string[] => {
    if (value === undefined) return [];
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value) && name !== "mark";
    const names = isGroup ? Object.keys(value).map((member) => `${name}.${member}`) : [name];
    return names.map((field) => WORDS[field] ?? field);
  });
}
