/** How far a brief shortens what people wrote, and the account of it: nothing is cut without a word. Pure. */
import type { ArtifactNote, Lease, Task } from "../../generated/types.ts";
import { clip } from "./find.ts";

/**
 * Characters of texts, entries of lists. With these a brief stays under 20,000 characters, and what objects say under as
 * many more; most are far shorter.
 */
export const BRIEF_LIMITS = {
  description: 3000,
  criteria: 10,
  criterion: 150,
  notes: 5,
  attempts: 5,
  /** Tasks that it waits for, and tasks that wait for it. */
  links: 6,
  link_title: 80,
  link_artifacts: 2,
  artifacts: 4,
  address: 200,
  refs: 6,
  tags: 10,
  tag: 40,
  /** Of the packet: its summary and instructions, its lists and what they hold. */
  summary: 600,
  instructions: 3000,
  packet_entries: 6,
  doctrine: 10,
  statement: 300,
  runs: 5,
  /** A note or a message. */
  text: 250,
} as const;

/** A task's file, or what a brief keeps of it. */
export type ShownTask = Partial<Task> & Pick<Task, "id" | "title" | "repo" | "status">;

const SHORT_FIELDS = [
  "kind",
  "id",
  "title",
  "repo",
  "status",
  "type",
  "priority",
  "estimate",
  "tier",
  "area",
  "assigned_to",
  "max_attempts",
  "not_before",
  "source",
  "created_at",
  "created_by",
  "updated_at",
] as const;

/** Shortens, and keeps account of it. */
export class Shortener {
  readonly #told = new Map<string, string>();

  /** What was shortened, each once: `description (3000 of 12000 characters)`. */
  get cut(): string[] {
    return [...this.#told].map(([name, how]) => `${name} (${how})`);
  }

  text(name: string, text: string, limit: number = BRIEF_LIMITS.text): string {
    const short = clip(text, limit);
    if (short !== text) this.tell(name, `${limit} of ${[...text].length} characters`);
    return short;
  }

  first<T>(name: string, list: readonly T[], limit: number): T[] {
    if (list.length > limit) this.tell(name, `${limit} of ${list.length}`);
    return list.slice(0, limit);
  }

  last<T>(name: string, list: readonly T[], limit: number): T[] {
    if (list.length > limit) this.tell(name, `the last ${limit} of ${list.length}`);
    return list.slice(-limit);
  }

  /** What was said at an end, and what proves it. */
  said<T extends { message?: string; artifacts?: ArtifactNote[] }>(
    name: string,
    one: T,
    artifacts: number = BRIEF_LIMITS.artifacts,
  ): T {
    const proof = (list: readonly ArtifactNote[]) =>
      this.last("artifacts", list, artifacts).map((note) => ({
        ...note,
        uri: this.text("addresses", note.uri, BRIEF_LIMITS.address),
      }));
    return {
      ...one,
      ...(one.message ? { message: this.text(name, one.message) } : {}),
      ...(one.artifacts ? { artifacts: proof(one.artifacts) } : {}),
    };
  }

  lease(lease: Lease): Lease {
    return this.said("the holder's message", lease);
  }

  link<T extends { title?: string }>(link: T): T {
    return link.title === undefined
      ? link
      : { ...link, title: this.text("titles of other tasks", link.title, BRIEF_LIMITS.link_title) };
  }

  /** The fields of a task that a reader needs, the long ones shortened. */
  task(task: Task): ShownTask {
    const short: Record<string, unknown> = {};
    for (const field of SHORT_FIELDS) if (task[field] !== undefined) short[field] = task[field];
    for (const field of ["skills", "labels"] as const)
      if (task[field]?.length)
        short[field] = this.first(field, task[field], BRIEF_LIMITS.tags).map((tag) =>
          this.text(field, tag, BRIEF_LIMITS.tag),
        );
    const { description, acceptance, notes, outcome } = task;
    if (description) short.description = this.text("description", description, BRIEF_LIMITS.description);
    if (acceptance) short.acceptance = this.acceptance(acceptance);
    for (const field of ["doctrine_refs", "constraints", "context_packets"] as const)
      if (task[field]?.length) short[field] = this.first(field, task[field], BRIEF_LIMITS.refs);
    if (notes?.length)
      short.notes = this.last("notes", notes, BRIEF_LIMITS.notes).map(({ at, by, text }) => ({
        at,
        by,
        text: this.text("texts of notes", text),
      }));
    if (outcome) short.outcome = this.said("the outcome's message", outcome);
    return short as ShownTask;
  }

  private acceptance({ criteria, tests_expected }: NonNullable<Task["acceptance"]>): Task["acceptance"] {
    const some = (name: string, list: readonly string[]) =>
      this.first(name, list, BRIEF_LIMITS.criteria).map((one) =>
        this.text(`texts of ${name}`, one, BRIEF_LIMITS.criterion),
      );
    return {
      ...(criteria ? { criteria: some("criteria", criteria) } : {}),
      ...(tests_expected ? { tests_expected: some("tests", tests_expected) } : {}),
    };
  }

  /** Of several texts of one name the first is told. */
  private tell(name: string, how: string): void {
    if (!this.#told.has(name)) this.#told.set(name, how);
  }
}
