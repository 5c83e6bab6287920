import type { z } from "zod";
import { Failure } from "../../failure.ts";

/** A document of a tenant, as another tool wrote it down. */
export type Document = Readonly<Record<string, unknown>>;

/** What a file says of a tenant, in the shape that the vendor's API has. */
export interface FileContent {
  /** For the vendor's adapter. */
  readonly documents: object;
  /** For people: what the file leaves open, by what it is about. */
  readonly missing: readonly string[];
}

/** A resource of a Terraform state, with the values that it has. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Document;
}

/** The same of a Terraform state. */
export interface StateContent extends FileContent {
  /** Types of resources that were read. */
  readonly known: ReadonlySet<string>;
}

/** Throws a Failure that names the first place where the text is something else. */
export function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const [issue] = error.issues;
  throw new Failure(
    `The file is not ${what}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it cannot be read"}.`,
  );
}

/** Members whose values are set. Terraform writes down every member of a resource. */
export function set(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined && value !== null));
}

/** `null` for a text that is empty or not there. */
export const textOrNull = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

export const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

/** The first member of a block, which Terraform keeps as a list. */
export function block(value: unknown): Document | undefined {
  const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
  return typeof first === "object" && first !== null ? (first as Document) : undefined;
}
