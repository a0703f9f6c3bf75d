/** The commits of the code, read by git from the user's own repository. Nothing is asked of a remote. */
import type { Node } from "../../domain/merges/arrivals.ts";
import { commitNamed } from "../../engine/git/borrowed.ts";
import { faultOf, StoreError } from "../../engine/git/errors.ts";
import { runGit } from "../../engine/git/process.ts";
import type { Oid } from "../../engine/ports.ts";

/** What is reachable from `to` and not from `from`; of that the newest. */
export interface Span {
  from?: Oid;
  to: Oid;
  limit: number;
}

const TIMEOUT_MS = 120_000;
/** Messages that one process is asked for; their text must fit into what is kept of its output. */
const MESSAGES_AT_ONCE = 500;

export class History {
  constructor(private readonly gitDir: string) {}

  /** The commits of a span by their ids. */
  async nodes({ from, to, limit }: Span): Promise<Map<Oid, Node>> {
    const not = from === undefined ? [] : [`^${from}`];
    const lines = await this.list(["--timestamp", "--parents", `--max-count=${limit}`, to, ...not]);
    const nodes = new Map<Oid, Node>();
    for (const line of lines.split("\n")) {
      const [seconds, oid, ...parents] = line.split(" ");
      if (oid) nodes.set(oid, { oid, parents, at_ms: Number(seconds) * 1000 });
    }
    return nodes;
  }

  /** The messages of commits; with `holding` only of those that hold one of these texts, in any case of letters. */
  async messages(oids: readonly Oid[], holding: readonly string[] = []): Promise<Map<Oid, string>> {
    const filter = holding.flatMap((text) => ["--grep", text]);
    const found = new Map<Oid, string>();
    for (let at = 0; at < oids.length; at += MESSAGES_AT_ONCE) {
      const text = await this.list(
        [
          ...["--no-walk=unsorted", "--no-commit-header", "--encoding=UTF-8", "--format=%H%x00%B%x00"],
          ...(filter.length > 0 ? ["--fixed-strings", "--regexp-ignore-case", ...filter] : []),
          "--stdin",
        ],
        oids.slice(at, at + MESSAGES_AT_ONCE),
      );
      const fields = text.split("\0");
      for (let field = 0; field + 1 < fields.length; field += 2)
        found.set((fields[field] ?? "").trim(), fields[field + 1] ?? "");
    }
    return found;
  }

  /** undefined: it is not here. */
  named(revision: string): Promise<Oid | undefined> {
    return commitNamed(this.gitDir, revision);
  }

  async isAncestor(oid: Oid, of: Oid): Promise<boolean> {
    if (oid === of) return true;
    const done = await this.git(["merge-base", "--is-ancestor", oid, of]);
    if (done.code !== 0 && done.code !== 1) throw new StoreError(faultOf(done));
    return done.code === 0;
  }

  private async list(args: readonly string[], input?: readonly Oid[]): Promise<string> {
    const done = await this.git(["rev-list", ...args], input);
    if (done.code !== 0 || done.end !== "exit") throw new StoreError(faultOf(done));
    return done.stdout;
  }

  private git(args: readonly string[], input?: readonly Oid[]) {
    return runGit(["--git-dir", this.gitDir, ...args], {
      cwd: this.gitDir,
      timeoutMs: TIMEOUT_MS,
      ...(input && { input: [Buffer.from(`${input.join("\n")}\n`)] }),
    });
  }
}
