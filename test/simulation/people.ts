/** What people and hosts do to the record by hand: edits, merges, squashes, broken files. None of it is an operation. */
import { parse, stringify } from "yaml";
import type { MemoryHub } from "../../src/engine/memory/remote.ts";
import { blobOf, encodeCommit, objectOf } from "../../src/engine/objects.ts";
import type { GitObject, Oid } from "../../src/engine/ports.ts";
import { editTree } from "../../src/engine/tree.ts";
import type { Random } from "./random.ts";
import { changesBetween, dataOf, type Files, readCommit } from "./record.ts";

export const PEOPLES_ACTS = [
  "text",
  "comment",
  "merge",
  "squash",
  "break task",
  "break lease",
  "break policy",
  "end",
  "foreign file",
] as const;

export interface PersonPlan {
  /** After so many changes of the record. */
  after: number;
  act: (typeof PEOPLES_ACTS)[number];
  choice: number;
  /** The date of the commit against the true time, ms. */
  clock_ms: number;
}

/** The commits a person makes, oldest first; the last one is the record's new tip. Empty: there was nothing to do. */
type Act = (desk: Desk, random: Random) => Promise<Oid[]>;

const taskPath = (id: string) => `tasks/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
const leasePath = (id: string) => `leases/${id.at(-2)}/${id.at(-1)}/${id}.yaml`;
const CONFLICT = "<<<<<<< HEAD\npriority: 1\n=======\npriority: 2\n>>>>>>> theirs\n";

/** A person with a checkout of the record, an editor and the right to push. */
export class Desk {
  constructor(
    readonly hub: MemoryHub,
    readonly files: Files,
    private readonly at_ms: number,
    /** What files looked like before someone broke them. */
    readonly sound: Map<string, Oid>,
  ) {}

  get tip(): Oid {
    if (this.hub.record === null) throw new Error("there is no record to edit");
    return this.hub.record;
  }

  text(path: string, at = this.tip): string | undefined {
    const changes = changesBetween(this.hub.store, null, readCommit(this.hub.store, at).tree);
    const oid = changes.find((change) => change.path === path)?.after;
    return oid ? Buffer.from(dataOf(this.hub.store, oid)).toString("utf8") : undefined;
  }

  async commit(
    files: Record<string, string>,
    parents: readonly Oid[],
    message: string,
    onto = parents[0] as Oid,
  ): Promise<Oid> {
    const { store } = this.hub;
    const blobs = Object.entries(files).map(([path, text]) => ({ path, blob: blobOf(text) }));
    const edits = blobs.map(({ path, blob }) => ({ path, oid: blob.oid }));
    const edited = await editTree(store, readCommit(store, onto).tree, edits);
    const who = { name: "Someone", email: "someone@example.org", at_ms: this.at_ms };
    const commit: GitObject = objectOf(
      "commit",
      encodeCommit({ tree: edited.tree, parents: [...parents], author: who, committer: who, message }),
    );
    await store.write([...blobs.map(({ blob }) => blob), ...edited.objects, commit]);
    return commit.oid;
  }

  openTasks(): string[] {
    const open = [...this.files.tasks.values()].filter(
      ({ status }) => status === "ready" || status === "planned",
    );
    return open.map(({ id }) => id).sort();
  }
}

function retitled(text: string, suffix: string): string {
  const value = parse(text) as { title: string };
  return stringify({ ...value, title: `${value.title.slice(0, 40)} ${suffix}` });
}

/** A person edits the text of one task, from wherever they stand. */
async function editText(
  desk: Desk,
  random: Random,
  from: Oid,
): Promise<{ path: string; text: string } | undefined> {
  const open = desk.openTasks();
  if (open.length === 0) return undefined;
  const path = taskPath(random.pick(open));
  const text = desk.text(path, from);
  return text === undefined ? undefined : { path, text: retitled(text, `e${random.int(1000)}`) };
}

const ACTS: Record<PersonPlan["act"], Act> = {
  text: async (desk, random) => {
    const edit = await editText(desk, random, desk.tip);
    return edit ? [await desk.commit({ [edit.path]: edit.text }, [desk.tip], "Say it more clearly\n")] : [];
  },
  comment: async (desk, random) => {
    const held = [...desk.files.leases.keys()].sort();
    if (held.length === 0) return [];
    const path = leasePath(random.pick(held));
    return [
      await desk.commit(
        { [path]: `# looked at by hand\n${desk.text(path)}` },
        [desk.tip],
        "Leave a comment\n",
      ),
    ];
  },
  /** `git pull` on a branch that stands a little behind: the first parent is the person's own commit. */
  merge: async (desk, random) => {
    let old = desk.tip;
    for (let back = 1 + random.int(4); back > 0; back--)
      old = readCommit(desk.hub.store, old).parents[0] ?? old;
    const edit = old === desk.tip ? undefined : await editText(desk, random, old);
    if (!edit || desk.text(edit.path) !== desk.text(edit.path, old)) return [];
    const own = await desk.commit({ [edit.path]: edit.text }, [old], "An edit from a while ago\n");
    return [
      own,
      await desk.commit({ [edit.path]: edit.text }, [own, desk.tip], "Merge branch 'owp'\n", desk.tip),
    ];
  },
  /** A host's squash: several files, one parent, and a message that quotes an operation's. */
  squash: async (desk, random) => {
    const [a, b] = [await editText(desk, random, desk.tip), await editText(desk, random, desk.tip)];
    if (!a || !b) return [];
    const quoted = readCommit(desk.hub.store, desk.tip).message;
    return [
      await desk.commit({ [a.path]: a.text, [b.path]: b.text }, [desk.tip], `Reword (#12)\n\n${quoted}`),
    ];
  },
  "break task": (desk, random) => breakFile(desk, desk.openTasks().map(taskPath), random),
  "break lease": (desk, random) =>
    breakFile(desk, [...desk.files.leases.keys()].sort().map(leasePath), random),
  "break policy": (desk, random) => breakFile(desk, ["owp.yaml"], random),
  /** Someone writes `status: done` into the file, and leaves the lease where it is. */
  end: async (desk, random) => {
    const open = desk.openTasks();
    const path = open.length > 0 ? taskPath(random.pick(open)) : undefined;
    const text = path && desk.text(path);
    if (!path || !text) return [];
    const value = parse(text) as object;
    return [
      await desk.commit(
        { [path]: stringify({ ...value, status: random.pick(["done", "canceled"]) }) },
        [desk.tip],
        "Close it\n",
      ),
    ];
  },
  "foreign file": async (desk, random) => [
    await desk.commit(
      { [`notes/${random.int(9)}.txt`]: `${random.next()}\n` },
      [desk.tip],
      "Keep a note here\n",
    ),
  ],
};

async function breakFile(desk: Desk, paths: string[], random: Random): Promise<Oid[]> {
  if (paths.length === 0) return [];
  const path = random.pick(paths);
  const text = desk.text(path);
  if (text === undefined || text.includes(CONFLICT)) return [];
  desk.sound.set(path, blobOf(text).oid);
  return [await desk.commit({ [path]: text + CONFLICT }, [desk.tip], "Resolve, or so they thought\n")];
}

export const actOf = (plan: PersonPlan, desk: Desk, random: Random): Promise<Oid[]> =>
  ACTS[plan.act](desk, random);

/** Puts every broken file back to what it was. */
export async function mend(desk: Desk): Promise<Oid[]> {
  const files: Record<string, string> = {};
  for (const [path, oid] of desk.sound) {
    if (desk.text(path)?.includes(CONFLICT))
      files[path] = Buffer.from(dataOf(desk.hub.store, oid)).toString("utf8");
  }
  desk.sound.clear();
  return Object.keys(files).length > 0
    ? [await desk.commit(files, [desk.tip], "Mend what was broken\n")]
    : [];
}
