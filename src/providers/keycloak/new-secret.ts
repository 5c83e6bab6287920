import { randomBytes } from "node:crypto";

/** 384 bits in 64 characters. */
export const newSecret = (): string => randomBytes(48).toString("base64url");
