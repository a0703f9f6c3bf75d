/** A clone among others who publish: the rules of backoff.ts, applied to what can be seen of the record while it waits. */
import {
  afterLoss,
  beforeLook,
  beforePush,
  isFresh,
  nextCycle,
  type Situation,
  type Wait,
} from "./backoff.ts";
import type { Looking } from "./look.ts";
import type { GitObject, Oid } from "./ports.ts";
import { type RecentOp, recentOps } from "./recent.ts";
import { commitOf } from "./walk.ts";

/** How often a tip on this disk is glanced at while others have their turn. */
const GLANCE_MS = 4;
/** The name under which the desk keeps how long a look and a push took, ms. */
const CYCLE_MS = "cycle_ms";

/** Those on whose behalf a turn is waited for. */
export interface Waiting {
  /** When nobody waits any longer, ms since 1970. */
  deadline: () => number;
  sleep: (ms: number) => Promise<void>;
  /** true: the view is fresh now. */
  look: () => Promise<boolean>;
}

export class Turn {
  /** Races lost since the last win. */
  losses = 0;
  private cycleMs: number | undefined;

  constructor(
    private readonly parts: Looking & { random: () => number },
    private readonly waiting: Waiting,
  ) {}

  async recall(): Promise<void> {
    this.cycleMs = await this.parts.desk.recall<number>(CYCLE_MS);
  }

  async remember(): Promise<void> {
    await this.parts.desk.remember(CYCLE_MS, Math.round(this.cycleMs ?? 0));
  }

  /** A look and a push took so long. */
  took(ms: number): void {
    this.cycleMs = nextCycle(this.cycleMs, ms);
  }

  /** A view of this moment, in elapsed ms, is most likely what the remote has. */
  isFresh(at: number): boolean {
    return isFresh(this.situation(this.parts.view.recent), at);
  }

  async beforeLook(): Promise<void> {
    await this.stayAway();
    // Who cannot see what others do looks at once after a loss.
    if (this.losses === 0 || this.glance()) await this.wait(beforeLook);
  }

  /** true: it waited, and what it saw before is old. */
  beforePush(): Promise<boolean> {
    return this.wait(beforePush);
  }

  /** Waits as long as the rule says; false: it was this clone's turn. */
  private async wait(rule: (at: Situation) => Wait): Promise<boolean> {
    const { clock, view } = this.parts;
    const end = clock.elapsed() + this.half();
    let sighted: RecentOp[] = [];
    let tip: Oid | undefined;
    let waited = false;
    let lookedAhead = false;
    for (;;) {
      const wait = rule(this.situation([...sighted, ...view.recent]));
      if (wait.wins <= 0 || clock.elapsed() >= end) return waited;
      waited = true;
      const news = this.glance(tip);
      if (!news) {
        await this.waiting.sleep(Math.min(wait.ms, end - clock.elapsed()));
        return true;
      }
      if (news[0]) {
        tip = news[0].oid;
        sighted = [...recentOps(news.map(commitOf), clock.elapsed()), ...sighted];
        view.sight(sighted);
      } else if (wait.wins === 1 && tip !== undefined && !lookedAhead) {
        // Who is next takes over what there is before its turn, so that the look at its turn has little to bring.
        lookedAhead = true;
        if (await this.waiting.look()) [tip, sighted] = [undefined, []];
      } else await this.waiting.sleep(Math.max(GLANCE_MS, wait.ms / 2));
    }
  }

  /** A loser that the log does not know stays away for a random while, and comes back just after someone has won. */
  private async stayAway(): Promise<void> {
    const { clock, view } = this.parts;
    let { wins, ms } = afterLoss(this.situation(view.recent));
    if (ms <= 0) return;
    const limit = this.half();
    const end = clock.elapsed() + Math.min(2 * ms, limit);
    let newest: Oid | undefined;
    while (wins >= 0 && clock.elapsed() < end) {
      const news = this.glance(newest);
      if (!news) return this.waiting.sleep(Math.min(ms, limit));
      newest = news[0]?.oid ?? newest;
      wins -= news.length;
      if (news.length === 0) await this.waiting.sleep(GLANCE_MS);
    }
  }

  /** The commits since one that is known (the view's tip), where they can be seen without asking. */
  private glance(since: Oid | null = this.parts.view.snapshot.tip): GitObject[] | undefined {
    return since === null ? undefined : this.parts.remote.glance?.(since);
  }

  private situation(recent: Situation["recent"]): Situation {
    const { clock, clone, random } = this.parts;
    const { cycleMs, losses } = this;
    return { recent, clone, elapsed: clock.elapsed(), cycleMs, losses, random };
  }

  /** Half of the time that is left. */
  private half(): number {
    return Math.max(0, this.waiting.deadline() - this.parts.clock.now()) / 2;
  }
}
