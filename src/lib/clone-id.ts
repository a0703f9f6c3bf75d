/** The clone's id: made once, kept with the clone, and the same in all its records. */
import { join } from "node:path";
import { keepFirst, readJson, replaceJson } from "../engine/desk-files.ts";
import { newUlid } from "./new-id.ts";
import { ownFolder } from "./record-folder.ts";

const CLONE_ID_LENGTH = 16;

/** Among what is remembered in owp's own folder. */
export const CLONE_FILE = "clone.json";

const fileOf = (commonDir: string) => join(ownFolder(commonDir), "memo", CLONE_FILE);

export const newCloneId = (): string => newUlid().slice(-CLONE_ID_LENGTH);

export function cloneId(commonDir: string): string {
  const file = fileOf(commonDir);
  return readJson<string>(file) ?? keepFirst(file, newCloneId());
}

/** For a clone that was copied from another one: it is one of its own from now on. */
export function renewCloneId(commonDir: string): string {
  const fresh = newCloneId();
  replaceJson(fileOf(commonDir), fresh);
  return fresh;
}
