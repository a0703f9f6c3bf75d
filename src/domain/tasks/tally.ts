/** Why there is nothing to claim, in numbers: `14 ready, 0 for you: 9 area-locked, 5 need rust`. */
import { type Refusal, refuse } from "../../core/refusal.ts";
import type { OpenTask } from "../../core/snapshot.ts";
import { iso, ms, spell } from "../../core/time.ts";
import { type Candidate, missingSkills, obstacle, REASONS, type Reason } from "./eligibility.ts";
import { type Filter, matches, type World } from "./scheduling.ts";
import { leaseOf } from "./state.ts";

interface Tally {
  /** Open tasks that were looked at. */
  open: number;
  counts: Partial<Record<Reason, number>>;
  /** The first missing skill of each task that needs another one. */
  skills: Record<string, number>;
  /** ms since 1970: the earliest moment at which time alone may free a task. */
  earliest?: number;
}

export function nothingToClaim(who: Candidate, world: World, filter: Filter): Refusal {
  const tally = count(who, world, filter);
  const { earliest, counts, skills } = tally;
  const soon =
    earliest === undefined
      ? ""
      : ` One may become free at ${iso(earliest)} (in ${spell(earliest - world.at.now)}).`;
  return refuse("nothing_to_claim", `Nothing to claim: ${inNumbers(tally)}.${soon}`, {
    ...(tally.open === 0 ? { hint: "owp list --all" } : {}),
    data: {
      open: tally.open,
      ready: ofKind(counts, "yours"),
      counts,
      ...(Object.keys(skills).length > 0 ? { skills } : {}),
      ...(earliest === undefined ? {} : { earliest_at: iso(earliest) }),
    },
  });
}

function count(who: Candidate, world: World, filter: Filter): Tally {
  const tally: Tally = { open: 0, counts: {}, skills: {} };
  for (const task of world.snapshot.open()) {
    if (!matches(task, filter)) continue;
    tally.open++;
    const found = obstacle(task, who, world);
    if (!found) continue;
    tally.counts[found.reason] = (tally.counts[found.reason] ?? 0) + 1;
    const skill = found.reason === "skills" ? missingSkills(task, who)[0] : undefined;
    if (skill !== undefined) tally.skills[skill] = (tally.skills[skill] ?? 0) + 1;
    const free = freeAt(task, found.reason, who, world);
    if (free !== undefined && !(free >= (tally.earliest ?? Number.POSITIVE_INFINITY))) tally.earliest = free;
  }
  return tally;
}

/** When time alone takes the reason away: the end of someone's lease, or of a wait. */
function freeAt(task: OpenTask, reason: Reason, who: Candidate, { at }: World): number | undefined {
  const lease = leaseOf(task);
  if (reason === "backing_off")
    return Math.max(...[lease?.not_before, task.not_before].map(ms).filter((time) => time > at.now));
  if (reason !== "held" || !lease?.expires_at || lease.worker === who.name) return undefined;
  return ms(lease.expires_at) + at.rules.max_skew_ms + 1000;
}

const ofKind = (counts: Tally["counts"], kind: "closed" | "later" | "yours"): number =>
  (Object.keys(counts) as Reason[]).reduce(
    (sum, one) => sum + (REASONS[one].kind === kind ? (counts[one] ?? 0) : 0),
    0,
  );

const SKILLS_NAMED = 3;

function inNumbers(tally: Tally): string {
  const { open, counts } = tally;
  if (open === 0) return "no task is open";
  const ready = ofKind(counts, "yours");
  const elsewhere = [...phrases(counts, "later"), ...phrases(counts, "closed")];
  if (ready === 0) return `0 of ${open} open tasks are ready: ${elsewhere.join(", ")}`;
  const yours = [...phrases(counts, "yours"), ...skillPhrases(tally)];
  const rest = elsewhere.length > 0 ? `; besides ${elsewhere.join(", ")}` : "";
  return `${ready} ready, 0 for you: ${yours.join(", ")}${rest}`;
}

function phrases(counts: Tally["counts"], kind: "closed" | "later" | "yours"): string[] {
  return (Object.entries(counts) as [Reason, number][])
    .filter(([reason]) => REASONS[reason].kind === kind && reason !== "skills")
    .sort(([, a], [, b]) => b - a)
    .map(([reason, number]) => `${number} ${REASONS[reason].counted}`);
}

function skillPhrases({ counts, skills }: Tally): string[] {
  const all = Object.entries(skills).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const named = all.slice(0, SKILLS_NAMED);
  const rest = (counts.skills ?? 0) - named.reduce((sum, [, number]) => sum + number, 0);
  const phrase = named.map(([skill, number]) => `${number} need${number === 1 ? "s" : ""} ${skill}`);
  return rest > 0 ? [...phrase, `${rest} need${rest === 1 ? "s" : ""} other skills`] : phrase;
}
