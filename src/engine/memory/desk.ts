/** The desk in memory: the twin of the files, for several processes of one clone. Values are kept as the text they would be. */
import type { Answer, Desk, Oid, Pending, Ticket } from "../ports.ts";

/** key: operation and turn, the one time that a caller queued it; its answer is for that time alone. */
interface Slip {
  key: string;
  op: string;
  text: string;
  owner: string;
}

/** What the processes of one clone share; outlives each of them. */
export class MemoryRoom {
  readonly queue = new Map<string, Slip>();
  readonly offline = new Map<string, Slip>();
  readonly taken = new Map<string, Slip & { leader: string }>();
  readonly answers = new Map<string, string>();
  readonly pending = new Map<Oid, { text: string; leader: string }>();
  readonly memo = new Map<string, string>();
  leader: string | undefined;
}

export class MemoryDesk implements Desk {
  /** The turns in which this desk waits for answers, by operation. */
  private readonly mine = new Map<string, string>();
  private readonly answered = new Map<string, Answer>();
  private readonly slips = new Map<string, Slip[]>();
  private counter = 0;
  private leading = false;

  /** me: a name that no other process ever has; lives: whether a process of such a name still runs. */
  constructor(
    private readonly room: MemoryRoom,
    private readonly me: string,
    private readonly lives: (process: string) => boolean,
  ) {}

  async enqueue(ticket: Ticket): Promise<void> {
    const { op, deadline } = ticket;
    const key = `${op} ${this.me} ${this.counter++}`;
    if (deadline !== null) this.mine.set(op, key);
    const folder = deadline === null ? this.room.offline : this.room.queue;
    folder.set(key, { key, op, text: JSON.stringify(ticket), owner: this.me });
  }

  async take({ offline = false, orphans = false } = {}): Promise<Ticket[]> {
    const taken: Ticket[] = [];
    if (orphans) for (const slip of [...this.room.taken.values()]) taken.push(...this.orphan(slip, offline));
    for (const folder of offline ? [this.room.queue, this.room.offline] : [this.room.queue]) {
      for (const slip of [...folder.values()]) {
        if (this.isWithAnother(slip.op)) continue;
        folder.delete(slip.key);
        if (folder === this.room.queue && !this.lives(slip.owner)) continue;
        taken.push(this.keep(slip));
      }
    }
    return inOrder(taken);
  }

  private isWithAnother(op: string): boolean {
    const taken = [...this.room.taken.values()];
    return taken.some((slip) => slip.op === op && slip.leader !== this.me && this.lives(slip.leader));
  }

  private keep(slip: Slip): Ticket {
    this.room.taken.set(slip.key, { ...slip, leader: this.me });
    this.slips.set(slip.op, [...(this.slips.get(slip.op) ?? []), slip]);
    return read<Ticket>(slip.text);
  }

  private orphan(slip: Slip & { leader: string }, offline: boolean): Ticket[] {
    if (slip.leader !== this.me && this.lives(slip.leader)) return [];
    if (this.isWithAnother(slip.op)) return [];
    const queuedOffline = isOffline(slip);
    if (queuedOffline && !offline) return [];
    this.room.taken.delete(slip.key);
    if (!queuedOffline && !this.lives(slip.owner)) return [];
    return [{ ...this.keep(slip), suspect: true }];
  }

  async withdraw(op: string): Promise<boolean> {
    const withdrawn = this.room.queue.delete(this.mine.get(op) ?? "");
    if (withdrawn) this.mine.delete(op);
    return withdrawn;
  }

  async answer(answer: Answer): Promise<void> {
    for (const slip of this.slips.get(answer.op) ?? []) {
      if (this.mine.get(slip.op) === slip.key) this.answered.set(slip.op, answer);
      else if (!isOffline(slip) && this.lives(slip.owner))
        this.room.answers.set(slip.key, JSON.stringify(answer));
      this.room.taken.delete(slip.key);
    }
    this.slips.delete(answer.op);
  }

  async postpone(ticket: Ticket): Promise<void> {
    for (const slip of this.slips.get(ticket.op) ?? []) {
      this.room.offline.set(slip.key, { ...slip, text: JSON.stringify(ticket) });
      this.room.taken.delete(slip.key);
    }
    this.slips.delete(ticket.op);
  }

  async collect(op: string): Promise<Answer | undefined> {
    const key = this.mine.get(op) ?? "";
    const text = this.room.answers.get(key);
    const own = this.answered.get(op);
    const answer = own ?? (text === undefined ? undefined : read<Answer>(text));
    if (!own) this.room.answers.delete(key);
    if (answer) this.mine.delete(op);
    this.answered.delete(op);
    return answer;
  }

  async offlineTickets(): Promise<Ticket[]> {
    const slips = [...this.room.offline.values(), ...this.room.taken.values()];
    return inOrder(slips.map(({ text }) => read<Ticket>(text)).filter((ticket) => ticket.deadline === null));
  }

  async lock(): Promise<{ release(): Promise<void> } | undefined> {
    const { room } = this;
    if (this.leading || (room.leader !== undefined && room.leader !== this.me && this.lives(room.leader)))
      return undefined;
    room.leader = this.me;
    this.leading = true;
    return {
      release: async () => {
        this.leading = false;
        if (room.leader === this.me) room.leader = undefined;
      },
    };
  }

  async savePending(pending: Pending): Promise<void> {
    this.room.pending.set(pending.tip, { text: JSON.stringify(pending), leader: this.me });
  }

  async pendings(): Promise<Pending[]> {
    return [...this.room.pending.values()].flatMap(({ text, leader }) => {
      const pending = read<Pending>(text);
      return pending.told || leader === this.me || !this.lives(leader) ? [pending] : [];
    });
  }

  async dropPending(tip: Oid): Promise<void> {
    this.room.pending.delete(tip);
  }

  async recall<T>(name: string): Promise<T | undefined> {
    const text = this.room.memo.get(name);
    return text === undefined ? undefined : read<T>(text);
  }

  async remember(name: string, value: unknown): Promise<void> {
    this.room.memo.set(name, JSON.stringify(value));
  }
}

const read = <T>(text: string): T => JSON.parse(text) as T;

const isOffline = (slip: Slip): boolean => read<Ticket>(slip.text).deadline === null;

const inOrder = (tickets: Ticket[]): Ticket[] =>
  tickets.sort((a, b) => a.enqueued_at - b.enqueued_at || (a.op < b.op ? -1 : 1));
