/**
 * A push to a repository on this disk: its own `git receive-pack` (hooks, settings and checks as for any push) is told the
 * refs and sent a pack made here. `git push` does the same with three processes more, half of the time of a small push.
 */
import { isOid } from "../objects.ts";
import type { GitObject, Oid } from "../ports.ts";
import { packBytes } from "./pack.ts";
import { type GitDone, type GitRun, runGit } from "./process.ts";
import type { RefReport } from "./report.ts";

/** What a ref is to become, if it still stands where it did; null: no such ref. */
export interface RefUpdate {
  ref: string;
  old: Oid | null;
  next: Oid | null;
}

export interface Received {
  done: GitDone;
  /** Of each ref that the answer spoke of. */
  reports: Map<string, RefReport>;
  /** The refs were named to the repository: any of them that has no report may have moved. */
  sent: boolean;
}

const NO_OBJECT = "0".repeat(40);
const FLUSH = Buffer.from("0000");
const WANTED = ["report-status", "side-band-64k", "delete-refs"];
const DATA = 1;
const PROGRESS = 2;

/** undefined: nothing was sent, and git itself should try. */
export async function sendTo(
  folder: string,
  updates: readonly RefUpdate[],
  objects: readonly GitObject[],
  run: Pick<GitRun, "cwd" | "timeoutMs" | "abort">,
): Promise<Received | undefined> {
  const talk = new Talk(updates, objects);
  const done = await runGit(["receive-pack", folder], {
    ...run,
    input: talk.say(),
    hear: (chunk) => talk.hear(chunk),
    ended: () => talk.close(),
  });
  if (!talk.understood && done.end === "exit") return undefined;
  const { messages, ...answer } = talk.answer();
  return { done: { ...done, stdout: "", stderr: messages + done.stderr }, ...answer };
}

/** Both sides of the conversation: the refs there are, what is to become of them, what became of them. */
class Talk {
  readonly #updates: readonly RefUpdate[];
  readonly #objects: readonly GitObject[];
  readonly #reports = new Map<string, RefReport>();
  #heard = Buffer.alloc(0);
  #sent = false;
  /** The refs that there are, once all were named; undefined: not to be understood. */
  readonly #advertised: Promise<Map<string, Oid> | undefined>;
  #tell: (refs: Map<string, Oid> | undefined) => void = () => {};
  understood = false;

  constructor(updates: readonly RefUpdate[], objects: readonly GitObject[]) {
    this.#updates = updates;
    this.#objects = objects;
    this.#advertised = new Promise((tell) => {
      this.#tell = tell;
    });
  }

  hear(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    if (this.understood || !this.#heard.subarray(-4).equals(FLUSH)) return;
    const lines = packets(this.#heard);
    if (lines.at(-1) !== null) return; // A line that ends as a flush does.
    const refs = advertisedIn(lines);
    this.understood = refs !== undefined;
    this.#heard = Buffer.alloc(0);
    this.#tell(refs);
  }

  /** Whoever still waits for the refs waits no longer. */
  close(): void {
    this.#tell(undefined);
  }

  async *say(): AsyncIterable<Uint8Array> {
    const refs = await this.#advertised;
    const updates = refs ? this.#updates.filter((update) => this.#isOpen(update, refs)) : [];
    if (updates.length === 0) {
      yield FLUSH;
      return;
    }
    const lines = updates.map(({ ref, old, next }, index) =>
      packet(
        `${old ?? NO_OBJECT} ${next ?? NO_OBJECT} ${ref}${index === 0 ? `\0 ${WANTED.slice(0, 2).join(" ")} quiet` : ""}`,
      ),
    );
    this.#sent = true;
    const pack = updates.some(({ next }) => next !== null) ? [packBytes(this.#objects)] : [];
    yield Buffer.concat([...lines, FLUSH, ...pack]);
  }

  /** What git push looks at before it sends anything: is the ref there already, does it stand where it should? */
  #isOpen({ ref, old, next }: RefUpdate, refs: ReadonlyMap<string, Oid>): boolean {
    const there = refs.get(ref) ?? null;
    if (there !== null && there === next)
      this.#reports.set(ref, { fate: "accepted", summary: "[up to date]" });
    else if (there !== old)
      this.#reports.set(ref, { fate: "rejected", summary: "! [rejected] (stale info)" });
    else return true;
    return false;
  }

  answer(): Omit<Received, "done"> & { messages: string } {
    const said: string[] = [];
    const bands = packets(this.#heard).filter((line) => line !== null);
    const band = (number: number) =>
      Buffer.concat(bands.filter((line) => line[0] === number).map((line) => line.subarray(1))).toString(
        "utf8",
      );
    for (const line of band(PROGRESS).split("\n")) if (line !== "") said.push(`remote: ${line}`);
    for (const line of packets(Buffer.from(band(DATA))).filter((line) => line !== null)) {
      const [word, ref, reason] = wordsOf(line.toString("utf8").trimEnd());
      if (word === "ok") this.#reports.set(ref, { fate: "accepted", summary: "" });
      else if (word === "ng")
        this.#reports.set(ref, { fate: "rejected", summary: `! [remote rejected] (${reason})` });
      else if (ref !== "ok") said.push(`error: remote unpack failed: ${ref} ${reason}`);
    }
    // In git's own words, which everything that reads them knows.
    if (this.#sent && this.#updates.some(({ ref }) => !this.#reports.has(ref)))
      said.push("fatal: the remote end hung up unexpectedly");
    return { reports: this.#reports, sent: this.#sent, messages: said.map((line) => `${line}\n`).join("") };
  }
}

/** `ng refs/heads/owp pre-receive hook declined` → its three parts. */
function wordsOf(line: string): [word: string, ref: string, reason: string] {
  const [word = "", ref = "", ...reason] = line.split(" ");
  return [word, ref, reason.join(" ")];
}

/** The refs of `<oid> <name>[\0 capabilities]` lines; undefined where this repository needs more than is spoken here. */
function advertisedIn(lines: readonly (Buffer | null)[]): Map<string, Oid> | undefined {
  const refs = new Map<string, Oid>();
  let able: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === null) continue;
    const [named = "", capabilities] = line.toString("utf8").trimEnd().split("\0");
    if (index === 0) able = capabilities?.split(" ") ?? [];
    const oid = named.slice(0, 40);
    if (!isOid(oid)) return undefined; // `shallow …`, `version …`, longer names of objects
    refs.set(named.slice(41), oid);
  }
  const format = able.find((word) => word.startsWith("object-format="));
  const speaks =
    WANTED.every((word) => able.includes(word)) && (format ?? "object-format=sha1").endsWith("=sha1");
  return speaks ? refs : undefined;
}

function packet(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}

/** The whole packets at the start of some bytes; null: a flush. */
function packets(bytes: Buffer): (Buffer | null)[] {
  const found: (Buffer | null)[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = Number.parseInt(bytes.toString("latin1", at, at + 4), 16);
    if (length >= 4 && at + length > bytes.length) break;
    found.push(length < 4 ? null : bytes.subarray(at + 4, at + length));
    if (Number.isNaN(length)) break;
    at += Math.max(length, 4);
  }
  return found;
}
