/** Another git dir than the clone's own store, the user's for instance: its commits by name, its objects to read only. */
import { isOid } from "../objects.ts";
import type { GitObject, ObjectStore, Oid } from "../ports.ts";
import { BatchReader } from "./batch.ts";
import { quarantineOf } from "./environment.ts";
import { runGit } from "./process.ts";

const RESOLVE_TIMEOUT_MS = 10_000;

/** The commit that git knows there by this revision (`origin/owp~3`, a tag, part of an id); undefined: none. */
export async function commitNamed(gitDir: string, revision: string): Promise<Oid | undefined> {
  if (revision.startsWith("-")) return undefined;
  const done = await runGit(
    ["--git-dir", gitDir, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    { cwd: gitDir, timeoutMs: RESOLVE_TIMEOUT_MS, env: quarantineOf(gitDir) },
  );
  const oid = done.stdout.trim();
  return done.code === 0 && isOid(oid) ? oid : undefined;
}

export class BorrowedStore implements ObjectStore {
  readonly #batch: BatchReader;

  constructor(gitDir: string) {
    this.#batch = new BatchReader(gitDir, quarantineOf(gitDir));
  }

  read(oids: readonly Oid[]): Promise<(GitObject | undefined)[]> {
    return this.#batch.read(oids);
  }

  async write(): Promise<void> {
    throw new Error("objects are only read from the user's own repository");
  }

  close(): void {
    this.#batch.close();
  }
}
