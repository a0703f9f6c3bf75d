/** The desk in memory: the twin of the files, for several processes of one clone. Values are kept as the text they would be. */
import type { Answer, Desk, Oid, Pending, Ticket } from "../ports.ts";

type Slip = { text: string; owner: string };

/** What the processes of one clone share; outlives each of them. */
export class MemoryRoom {
  readonly queue = new Map<string, Slip>();
  readonly offline = new Map<string, Slip>();
  /** By operation and leader, as in the files: the same operation may be with two leaders when it was queued twice. */
  readonly taken = new Map<string, Slip & { op: string; leader: string }>();
  readonly answers = new Map<string, string>();
  readonly pending = new Map<Oid, { text: string; leader: string }>();
  readonly memo = new Map<string, string>();
  leader: string | undefined;
}

export class MemoryDesk implements Desk {
  private readonly mine = new Set<string>();
  private readonly answered = new Map<string, Answer>();
  private readonly slips = new Map<string, Slip>();
  private leading = false;

  /** me: a name that no other process ever has; lives: whether a process of such a name still runs. */
  constructor(
    private readonly room: MemoryRoom,
    private readonly me: string,
    private readonly lives: (process: string) => boolean,
  ) {}

  async enqueue(ticket: Ticket): Promise<void> {
    if (ticket.deadline !== null) this.mine.add(ticket.op);
    const slip = { text: JSON.stringify(ticket), owner: this.me };
    (ticket.deadline === null ? this.room.offline : this.room.queue).set(ticket.op, slip);
  }

  async take({ offline = false, orphans = false } = {}): Promise<Ticket[]> {
    const taken: Ticket[] = [];
    if (orphans)
      for (const [key, slip] of [...this.room.taken]) taken.push(...this.orphan(key, slip, offline));
    for (const folder of offline ? [this.room.queue, this.room.offline] : [this.room.queue]) {
      for (const [op, slip] of [...folder]) {
        folder.delete(op);
        if (folder === this.room.queue && !this.lives(slip.owner)) continue;
        taken.push(this.keep(op, slip));
      }
    }
    return inOrder(taken);
  }

  private keep(op: string, slip: Slip): Ticket {
    this.room.taken.set(`${op} ${this.me}`, { ...slip, op, leader: this.me });
    this.slips.set(op, slip);
    return read<Ticket>(slip.text);
  }

  private orphan(key: string, slip: Slip & { op: string; leader: string }, offline: boolean): Ticket[] {
    if (slip.leader !== this.me && this.lives(slip.leader)) return [];
    const queuedOffline = read<Ticket>(slip.text).deadline === null;
    if (queuedOffline && !offline) return [];
    this.room.taken.delete(key);
    if (!queuedOffline && !this.lives(slip.owner)) return [];
    return [{ ...this.keep(slip.op, slip), suspect: true }];
  }

  async withdraw(op: string): Promise<boolean> {
    return this.room.queue.delete(op);
  }

  async answer(answer: Answer): Promise<void> {
    const slip = this.slips.get(answer.op);
    if (this.mine.has(answer.op)) this.answered.set(answer.op, answer);
    else if (slip && read<Ticket>(slip.text).deadline !== null && this.lives(slip.owner)) {
      this.room.answers.set(answer.op, JSON.stringify(answer));
    }
    this.slips.delete(answer.op);
    this.room.taken.delete(`${answer.op} ${this.me}`);
  }

  async postpone(ticket: Ticket): Promise<void> {
    const owner = this.slips.get(ticket.op)?.owner ?? this.me;
    this.room.offline.set(ticket.op, { text: JSON.stringify(ticket), owner });
    this.slips.delete(ticket.op);
    this.room.taken.delete(`${ticket.op} ${this.me}`);
  }

  async collect(op: string): Promise<Answer | undefined> {
    const text = this.room.answers.get(op);
    const own = this.answered.get(op);
    const answer = own ?? (text === undefined ? undefined : read<Answer>(text));
    if (!own) this.room.answers.delete(op);
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

const inOrder = (tickets: Ticket[]): Ticket[] =>
  tickets.sort((a, b) => a.enqueued_at - b.enqueued_at || (a.op < b.op ? -1 : 1));
