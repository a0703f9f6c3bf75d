/**
 * Globs of areas: does one cover a path, and do two have a path in common? Both are the same question, asked of two
 * patterns, so that what matches and what locks can never disagree.
 */

/**
 * `**` alone is any number of folders; in a name `*` is any text, `?` one character, `{a,b}` one of these. `src/auth/` is
 * the same as `src/auth/**`.
 */
export const GLOB_RULE =
  "a path in the repo with *, ?, ** or {a,b}, such as src/auth/** or *.md: no leading slash, no .., no brackets";

/** As schemas/repo.json has it. */
const GLOB =
  /^(?!\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))(?!.*\/\/)(?:[^\p{Cc}\\[\]!|{}]|\{[^\p{Cc}\\[\]!|{}]*,[^\p{Cc}\\[\]!|{}]*\})+$/u;
const GLOB_LIMIT = 200;
/** Alternatives that the braces of one glob may come to; in a file that someone wrote, further braces count as `*`. */
const ALTERNATIVES_LIMIT = 64;

const ANY_FOLDERS = "**";
/** A file's name that no glob can spell, so that only wildcards mean it. */
const SOME_FILE = "\0";

export const isGlob = (text: string): boolean =>
  text.length <= GLOB_LIMIT && GLOB.test(text) && choicesIn(text) <= ALTERNATIVES_LIMIT;

const choicesIn = (glob: string): number =>
  (glob.match(/\{[^{}]*\}/g) ?? []).reduce((product, braces) => product * braces.split(",").length, 1);

/** The glob with its braces written out. */
function alternatives(glob: string): string[] {
  let all = [""];
  for (const part of glob.split(/(\{[^{}]*\})/)) {
    const choices = part.startsWith("{") ? part.slice(1, -1).split(",") : [part];
    const few = all.length * choices.length <= ALTERNATIVES_LIMIT ? choices : ["*"];
    all = all.flatMap((start) => few.map((choice) => start + choice));
  }
  return all;
}

/** Does the glob mean this file? A path that ends in a slash is a folder, and stands for any file in it. */
export function covers(glob: string, path: string): boolean {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (path === "." || path.endsWith("/")) names.push(SOME_FILE);
  return alternatives(glob).some((one) => meet(namesOf(one), names));
}

/** Is there any path that both mean? Symmetric. */
export function overlap(a: string, b: string): boolean {
  const others = alternatives(b).map(namesOf);
  return alternatives(a).some((one) => others.some((other) => meet(namesOf(one), other)));
}

/** How much a glob says before its first wildcard, and in all: of two that cover a path the larger one is meant. */
export function precision(glob: string): [prefix: number, all: number] {
  const wild = glob.search(/[*?{]/);
  return [wild < 0 ? glob.length : wild, glob.replace(/[*?{},]/g, "").length];
}

/** A `**` at the end stands for files, of which there is at least one. */
function namesOf(glob: string): string[] {
  const names = (glob.endsWith("/") ? `${glob}${ANY_FOLDERS}` : glob)
    .split("/")
    .filter((name) => name !== "");
  return names.at(-1) === ANY_FOLDERS ? [...names, "*"] : names;
}

/** Do two lists of names, each of which may hold `**`, have a path in common? */
const meet = (a: readonly string[], b: readonly string[]): boolean =>
  common(
    a,
    b,
    (name) => name === ANY_FOLDERS,
    (x, y) => x === y || common([...x], [...y], isStar, sameCharacter),
  );

const isStar = (character: string) => character === "*";
const sameCharacter = (x: string, y: string) => x === y || x === "?" || y === "?";

/** Two sequences with stars, each standing for any number of anything: is there one that both can be? From the end backwards. */
function common<T>(
  a: readonly T[],
  b: readonly T[],
  isAny: (one: T) => boolean,
  same: (x: T, y: T) => boolean,
): boolean {
  const width = b.length + 1;
  const table = new Uint8Array((a.length + 1) * width);
  for (let i = a.length; i >= 0; i--) {
    for (let j = b.length; j >= 0; j--) {
      const [x, y] = [a[i], b[j]];
      const isEnd = x === undefined && y === undefined;
      const skips =
        (x !== undefined &&
          (isAny(x) || (y !== undefined && isAny(y))) &&
          table[(i + 1) * width + j] === 1) ||
        (y !== undefined && (isAny(y) || (x !== undefined && isAny(x))) && table[i * width + j + 1] === 1);
      const steps =
        x !== undefined &&
        y !== undefined &&
        !isAny(x) &&
        !isAny(y) &&
        table[(i + 1) * width + j + 1] === 1 &&
        same(x, y);
      table[i * width + j] = isEnd || skips || steps ? 1 : 0;
    }
  }
  return table[0] === 1;
}
