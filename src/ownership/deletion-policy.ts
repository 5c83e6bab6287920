/** What the deletion of a resource does with its remote object: `spec.deletionPolicy`, else what was adopted stays. */
export const deletionPolicyFor = (
  asked: "Delete" | "Retain" | undefined,
  origin: "Made" | "Adopted" | undefined,
): "Delete" | "Retain" => asked ?? (origin === "Adopted" ? "Retain" : "Delete");
