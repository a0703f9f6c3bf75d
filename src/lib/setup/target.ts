/** What a target is, and what it may look at to decide what it writes. */
import type { Refusal } from "../../core/refusal.ts";
import type { Repository } from "../../engine/git/locate.ts";
import { SETUP_FILES } from "../../generated/setup-files.ts";
import { version } from "../../generated/version.ts";
import type { Piece } from "./piece.ts";

export interface Scene {
  repository: Repository;
  /** The record's branch. */
  branch: string;
  /** Whether what is pushed goes to another repository. */
  hasRemote: boolean;
  /** The code's branch on the remote, into which work is merged. */
  defaultBranch(): Promise<string>;
  /** Where git looks for hooks, in full; a refusal where that is not this repository's own. */
  hooks(): Promise<string | Refusal>;
  /** A file's text below the checkout; undefined: there is none. */
  read(path: string): string | undefined;
  /** Names in a folder of the checkout. */
  list(path: string): string[];
}

export interface Target {
  pieces(scene: Scene): Promise<Piece[] | Refusal>;
  /** What is left to do by hand, after it was written. */
  next?(scene: Scene): string[];
}

/** A template of templates/setup/ with its values. `${{ … }}` of GitHub has spaces, and stays. */
export function fill(name: string, values: Readonly<Record<string, string>>): string {
  const template = SETUP_FILES[name];
  if (template === undefined) throw new Error(`there is no template ${name}`);
  return template.replace(/\{\{([a-z_]+)\}\}/g, (whole, key: string) => {
    if (key === "stamp") return whole;
    const value = values[key];
    if (value === undefined) throw new Error(`the template ${name} wants a value for ${key}`);
    return value;
  });
}

/** What agents are told, whoever makes them. */
export const guideFor = (branch: string): string => fill("guide.md", { branch });

/** What a build machine installs: this version's line, so that a new one is taken on purpose. */
export function packageSpec(of = version): string {
  const [major, minor] = of.split(".");
  return `owp@${major === "0" ? `0.${minor}` : major}`;
}
