/** Files on this disk: read, and written all of them or none. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";

export interface LocalFile {
  /** The folder below which it lies, which is never removed. */
  root: string;
  /** In full. */
  full: string;
  before: string | undefined;
  /** null: the file goes. */
  after: string | null;
  executable: boolean;
}

const MODE = { plain: 0o644, executable: 0o755 } as const;

/** undefined: there is no file. */
export function readText(full: string): string | undefined {
  try {
    return readFileSync(full, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** What makes a path no place for a file; undefined: nothing. */
export function pathProblem(root: string, path: string): string | undefined {
  const parts = path.split("/");
  for (const depth of parts.keys()) {
    const part = parts.slice(0, depth + 1).join("/");
    const isLast = depth === parts.length - 1;
    const stat = statSync(join(root, part), { throwIfNoEntry: false });
    if (!stat) {
      const isDangling = lstatSync(join(root, part), { throwIfNoEntry: false }) !== undefined;
      return isDangling ? `${part} is a link that leads nowhere` : undefined;
    }
    const real = relative(realpathSync(root), realpathSync(join(root, part)));
    if (real === ".." || real.startsWith(`..${sep}`))
      return `${part} is a link that leads out of the repository`;
    if (isLast && !stat.isFile()) return `${part} is there already, and is no file`;
    if (!isLast && !stat.isDirectory()) return `${part} is there already, and is no folder`;
  }
  return undefined;
}

/** A hook that git does not run would take owp's part in for nothing; husky runs its own by sh, whatever their mode. */
export function idleProblem(root: string, path: string): string | undefined {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat || stat.mode & 0o111 || basename(root) === ".husky" || process.platform === "win32")
    return undefined;
  return `The hook ${path} is there and not executable, so that git does not run it`;
}

/** Writes them all; where one fails, those before it get their texts back, and the error is thrown. */
export function writeFiles(files: readonly LocalFile[]): void {
  const done: LocalFile[] = [];
  try {
    for (const file of files) {
      put(file, file.after);
      done.push(file);
    }
  } catch (error) {
    for (const file of done.reverse()) put(file, file.before ?? null);
    throw error;
  }
}

function put({ root, full, executable }: LocalFile, text: string | null): void {
  if (text === null) {
    rmSync(full, { force: true });
    removeEmpty(root, dirname(full));
    return;
  }
  mkdirSync(dirname(full), { recursive: true });
  // Through a link, so that it stays one.
  const target = existsSync(full) ? realpathSync(full) : full;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : executable ? MODE.executable : MODE.plain;
  const aside = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(aside, text, { flag: "wx", mode });
    chmodSync(aside, mode);
    renameSync(aside, target);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Folders that the last file has left, up to the root. */
function removeEmpty(root: string, folder: string): void {
  if (folder === root || !folder.startsWith(root + sep) || !existsSync(folder)) return;
  if (readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmpty(root, dirname(folder));
}
