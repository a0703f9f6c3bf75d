/** The desk on disk, in a record's folder of the common git dir. Every step is one rename or one exclusive creation. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { Answer, Desk, Oid, Pending, Ticket } from "./ports.ts";

/** A lock that its leader has not touched for so long is taken over, whoever holds it. */
export const LOCK_STALE_MS = 120_000;
const FOLDERS = ["queue", "taken", "offline", "answers", "pending", "memo"] as const;
type Folder = (typeof FOLDERS)[number];

/** One desk of one process. The seat tells desks of one process apart, and processes that had the same number. */
interface Owner {
  pid: number;
  host: string;
  seat: string;
}
/** turn: the one time that this caller queued this operation; its answer is for that time alone. */
type Slip = Ticket & { owner: Owner; turn: string };

/** This machine's name in a form that may stand in a file's name. */
export const thisHost = (): string => hostname().replaceAll(/[^A-Za-z0-9-]/g, "-");

/** The seats of this process. */
const here = new Set<string>();

export class FileDesk implements Desk {
  private readonly me: Owner;
  /** The turns in which this desk waits for answers, by operation. These answers need no file. */
  private readonly mine = new Map<string, string>();
  private readonly answered = new Map<string, Answer>();
  /** What this desk has taken and not answered, by operation: more than one slip where it was queued more than once. */
  private readonly slips = new Map<string, Slip[]>();
  private leading = false;
  private counter = 0;

  /** root: owp's folder of one record in the common git dir. */
  constructor(
    private readonly root: string,
    pid = process.pid,
  ) {
    const started = Math.round(Date.now() - process.uptime() * 1000);
    const seat = `${started.toString(36)}-${here.size}`;
    here.add(seat);
    this.me = { pid, host: thisHost(), seat };
    for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
    mkdirSync(join(root, "store.git", "refs", "owp", "pending"), { recursive: true });
  }

  private file(folder: Folder, name: string): string {
    return join(this.root, folder, `${name}.json`);
  }

  /** Whose a taken ticket is stands in its file's name, so that one rename decides. */
  private takenFile({ op, turn }: Pick<Slip, "op" | "turn">): string {
    const { pid, seat, host } = this.me;
    return this.file("taken", [op, turn, pid, seat, host].join("."));
  }

  private put(file: string, value: unknown): void {
    const aside = `${file}.${this.me.pid}.${this.me.seat}.${this.counter++}.tmp`;
    writeFileSync(aside, JSON.stringify(value));
    renameSync(aside, file);
  }

  private names(folder: Folder): string[] {
    return readdirSync(join(this.root, folder)).flatMap((name) =>
      name.endsWith(".json") ? [name.slice(0, -5)] : [],
    );
  }

  async enqueue(ticket: Ticket): Promise<void> {
    const { pid, seat } = this.me;
    const slip: Slip = { ...ticket, owner: this.me, turn: `${pid}-${seat}-${this.counter++}` };
    const isOffline = ticket.deadline === null;
    if (!isOffline) this.mine.set(ticket.op, slip.turn);
    this.put(this.file(isOffline ? "offline" : "queue", `${ticket.op}.${slip.turn}`), slip);
  }

  async take({ offline = false, orphans = false } = {}): Promise<Ticket[]> {
    this.touchLock();
    const taken: Slip[] = [];
    if (orphans) for (const name of this.names("taken")) taken.push(...this.orphan(name, offline));
    for (const folder of offline ? (["queue", "offline"] as const) : (["queue"] as const)) {
      for (const name of this.names(folder)) {
        const target = this.takenFile(partsOf(name));
        const slip = move(this.file(folder, name), target) ? readJson<Slip>(target) : undefined;
        if (slip && (folder === "offline" || this.lives(slip.owner))) taken.push(slip);
        else if (slip) remove(target);
      }
    }
    const kept = this.yieldToOthers(taken);
    for (const slip of kept) this.slips.set(slip.op, [...(this.slips.get(slip.op) ?? []), slip]);
    return tickets(kept);
  }

  /** An operation that another leader works on goes back: two could give it two answers. Looks after the renames, as the other does. */
  private yieldToOthers(taken: Slip[]): Slip[] {
    if (taken.length === 0) return taken;
    const others = this.names("taken")
      .map(partsOf)
      .filter(({ leader }) => !this.isMe(leader) && this.lives(leader));
    return taken.filter((slip) => {
      if (!others.some(({ op }) => op === slip.op)) return true;
      this.put(this.file(slip.deadline === null ? "offline" : "queue", `${slip.op}.${slip.turn}`), slip);
      remove(this.takenFile(slip));
      return false;
    });
  }

  /** A ticket that an earlier leader took. Where its caller is gone nobody waits for it, and it is dropped. */
  private orphan(name: string, offline: boolean): Slip[] {
    const file = this.file("taken", name);
    const { leader } = partsOf(name);
    if (!this.isMe(leader) && this.lives(leader)) return [];
    const slip = readJson<Slip>(file);
    if (slip?.deadline === null && !offline) return [];
    if (slip && (slip.deadline === null || this.lives(slip.owner))) {
      return move(file, this.takenFile(slip)) ? [{ ...slip, suspect: true }] : [];
    }
    remove(file);
    return [];
  }

  private isMe(owner: Owner): boolean {
    return owner.pid === this.me.pid && owner.host === this.me.host && owner.seat === this.me.seat;
  }

  /** Another machine's processes cannot be seen from here: they count as alive. */
  private lives(owner: Owner): boolean {
    if (owner.host !== this.me.host) return true;
    return owner.pid === process.pid ? here.has(owner.seat) : alive(owner.pid);
  }

  async withdraw(op: string): Promise<boolean> {
    const name = `${op}.${this.mine.get(op)}`;
    const aside = join(this.root, "queue", `${name}.withdrawn`);
    if (!move(this.file("queue", name), aside)) return false;
    remove(aside);
    this.mine.delete(op);
    return true;
  }

  async answer(answer: Answer): Promise<void> {
    for (const slip of this.slips.get(answer.op) ?? []) {
      const name = `${slip.op}.${slip.turn}`;
      if (this.mine.get(slip.op) === slip.turn) this.answered.set(slip.op, answer);
      else if (slip.deadline !== null && this.lives(slip.owner)) this.put(this.file("answers", name), answer);
      remove(this.takenFile(slip));
    }
    this.slips.delete(answer.op);
  }

  async postpone(ticket: Ticket): Promise<void> {
    for (const slip of this.slips.get(ticket.op) ?? []) {
      this.put(this.file("offline", `${slip.op}.${slip.turn}`), { ...slip, ...ticket });
      remove(this.takenFile(slip));
    }
    this.slips.delete(ticket.op);
  }

  async collect(op: string): Promise<Answer | undefined> {
    const file = this.file("answers", `${op}.${this.mine.get(op)}`);
    const own = this.answered.get(op);
    const answer = own ?? readJson<Answer>(file);
    if (!own && answer) remove(file);
    if (answer) this.mine.delete(op);
    this.answered.delete(op);
    return answer;
  }

  async offlineTickets(): Promise<Ticket[]> {
    const folders = ["offline", "taken"] as const;
    const files = folders.flatMap((folder) => this.names(folder).map((name) => this.file(folder, name)));
    return tickets(
      files.flatMap((file) => readJson<Slip>(file) ?? []).filter((slip) => slip.deadline === null),
    );
  }

  async lock(): Promise<{ release(): Promise<void> } | undefined> {
    const file = join(this.root, "lock");
    if (this.leading) return undefined;
    if (!this.tryLock(file)) {
      if (!this.staleLock(file)) return undefined;
      const aside = `${file}.${this.me.pid}.stale`;
      if (move(file, aside)) remove(aside);
      if (!this.tryLock(file)) return undefined;
    }
    this.leading = true;
    return {
      release: async () => {
        this.leading = false;
        const holder = readJson<Owner>(file);
        if (holder && this.isMe(holder)) remove(file);
      },
    };
  }

  private tryLock(file: string): boolean {
    try {
      writeFileSync(file, JSON.stringify(this.me), { flag: "wx" });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  }

  private staleLock(file: string): boolean {
    try {
      if (Date.now() - statSync(file).mtimeMs > LOCK_STALE_MS) return true;
    } catch {
      return false;
    }
    const holder = readJson<Owner>(file);
    return holder !== undefined && (this.isMe(holder) || !this.lives(holder));
  }

  private touchLock(): void {
    try {
      utimesSync(join(this.root, "lock"), new Date(), new Date());
    } catch {
      // Led without the lock file: allowed, the lock is an optimisation.
    }
  }

  async savePending(pending: Pending): Promise<void> {
    writeFileSync(this.pendingRef(pending.tip), `${pending.tip}\n`);
    this.put(this.file("pending", pending.tip), { leader: this.me, pending });
  }

  async pendings(): Promise<Pending[]> {
    const files = this.names("pending").map((tip) => this.file("pending", tip));
    return files.flatMap((file) => {
      const kept = readJson<{ leader: Owner; pending: Pending }>(file);
      if (!kept) return [];
      const free = kept.pending.told || this.isMe(kept.leader) || !this.lives(kept.leader);
      return free ? [kept.pending] : [];
    });
  }

  async dropPending(tip: Oid): Promise<void> {
    remove(this.file("pending", tip));
    remove(this.pendingRef(tip));
  }

  /** Holds the commit in the store until its fate is known. */
  private pendingRef(tip: Oid): string {
    return join(this.root, "store.git", "refs", "owp", "pending", tip);
  }

  async recall<T>(name: string): Promise<T | undefined> {
    return readJson<T>(this.file("memo", name));
  }

  async remember(name: string, value: unknown): Promise<void> {
    const file = this.file("memo", name);
    // Numbers change with every command, and to replace a file costs more than to write into it. They are losable.
    if (typeof value !== "number" || !overwrite(file, JSON.stringify(value))) this.put(file, value);
  }
}

/** Of several processes that say a value at the same moment, the first one's is kept and answered to all. */
export function keepFirst<T>(file: string, value: T): T {
  const aside = asideOf(file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(aside, JSON.stringify(value));
  try {
    linkSync(aside, file);
  } catch (error) {
    // A file system without hard links: a rename is the best there is.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") renameSync(aside, file);
  } finally {
    remove(aside);
  }
  return readJson<T>(file) ?? value;
}

/** Whoever reads the file meanwhile sees the old value or the new one. */
export function replaceJson(file: string, value: unknown): void {
  const aside = asideOf(file);
  writeFileSync(aside, JSON.stringify(value));
  renameSync(aside, file);
}

const asideOf = (file: string) => `${file}.${randomBytes(6).toString("hex")}.tmp`;

/** What a slip's file name says; the leader's part only where it was taken. */
function partsOf(name: string): { op: string; turn: string; leader: Owner } {
  const [op = "", turn = "", pid = "", seat = "", host = ""] = name.split(".");
  return { op, turn, leader: { pid: Number(pid), seat, host } };
}

function tickets(slips: readonly Slip[]): Ticket[] {
  return slips
    .map(({ owner: _owner, turn: _turn, ...ticket }) => ticket)
    .sort((a, b) => a.enqueued_at - b.enqueued_at || (a.op < b.op ? -1 : 1));
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** false: there is no such file yet. */
function overwrite(file: string, text: string): boolean {
  let opened: number | undefined;
  try {
    opened = openSync(file, "r+");
    writeSync(opened, text, 0);
    ftruncateSync(opened, text.length);
    return true;
  } catch {
    return false;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

/** undefined: not there, or half-written by something that died. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || code === "ENOENT") return undefined;
    throw error;
  }
}

/** false: someone else moved it first. */
function move(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") rmSync(file, { force: true });
  }
}
