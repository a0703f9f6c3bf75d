/** Ids of operations and clones: ULIDs in lower case. */
import { randomBytes } from "node:crypto";
import { ulid } from "ulid";

/** Where ulid looks for randomness by itself, it loads the browsers' crypto. */
const random = () => randomBytes(1).readUInt8() / 256;

export const newUlid = (): string => ulid(undefined, random).toLowerCase();
