/**
 * Rows of open tasks as they are stored: column by column, since a command may read a hundred thousand. Texts of a
 * column are one text, and values that come again and again are stored once.
 */
import type { OpenTask } from "../core/snapshot.ts";

type Usual = Pick<
  OpenTask,
  | "id"
  | "title"
  | "repo"
  | "status"
  | "priority"
  | "estimate"
  | "tier"
  | "epoch_floor"
  | "created_at"
  | "skills"
  | "labels"
  | "blocked_by"
>;
/** Fields that few tasks have. */
type Rare = Omit<OpenTask, keyof Usual>;

/** Joined with SEPARATOR; a list where one of the texts holds it. */
type Texts = string | string[];

/** The values that there are, and for each row the place of its own. */
interface Coded<T> {
  values: T[];
  at: number[];
}

export interface Columns {
  rows: number;
  id: Texts;
  title: Texts;
  created_at: Texts;
  repo: Coded<string>;
  status: Coded<OpenTask["status"]>;
  skills: Coded<string[]>;
  labels: Coded<string[]>;
  priority: number[];
  estimate: number[];
  tier: number[];
  epoch_floor: number[];
  /** 0: none. */
  blocked_by: (string[] | 0)[];
  /** 0: none of them. */
  rare: (Rare | 0)[];
}

const SEPARATOR = "\n";

export function packRows(open: Iterable<OpenTask>): Columns {
  const rows = [...open];
  return {
    rows: rows.length,
    id: joined(rows.map((row) => row.id)),
    title: joined(rows.map((row) => row.title)),
    created_at: joined(rows.map((row) => row.created_at)),
    repo: coded(rows.map((row) => row.repo)),
    status: coded(rows.map((row) => row.status)),
    skills: coded(rows.map((row) => row.skills)),
    labels: coded(rows.map((row) => row.labels)),
    priority: rows.map((row) => row.priority),
    estimate: rows.map((row) => row.estimate),
    tier: rows.map((row) => row.tier),
    epoch_floor: rows.map((row) => row.epoch_floor),
    blocked_by: rows.map((row) => (row.blocked_by.length > 0 ? row.blocked_by : 0)),
    rare: rows.map(rareOf),
  };
}

function rareOf(row: OpenTask): Rare | 0 {
  const { id, title, repo, status, priority, estimate, tier, epoch_floor, created_at, ...others } = row;
  const { skills, labels, blocked_by, ...rare } = others;
  return Object.keys(rare).length > 0 ? rare : 0;
}

function joined(texts: string[]): Texts {
  return texts.some((text) => text.includes(SEPARATOR)) ? texts : texts.join(SEPARATOR);
}

function coded<T>(all: readonly T[]): Coded<T> {
  const places = new Map<string, number>();
  const values: T[] = [];
  const at = all.map((value) => {
    const key = JSON.stringify(value);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, values.length);
    return values.push(value) - 1;
  });
  return { values, at };
}

/** Rows share lists: rows are never changed. */
export function unpackRows(columns: Columns): Map<string, OpenTask> {
  const { repo, status, skills, labels, priority, estimate, tier, epoch_floor, blocked_by, rare } = columns;
  const [id, title, created_at] = [columns.id, columns.title, columns.created_at].map((texts) =>
    typeof texts === "string" ? texts.split(SEPARATOR) : texts,
  ) as [string[], string[], string[]];
  const none: string[] = [];
  const rows = new Map<string, OpenTask>();
  for (let i = 0; i < columns.rows; i++) {
    const row: OpenTask = {
      id: id[i] as string,
      title: title[i] as string,
      repo: valueAt(repo, i),
      status: valueAt(status, i),
      priority: priority[i] as number,
      estimate: estimate[i] as number,
      tier: tier[i] as number,
      epoch_floor: epoch_floor[i] as number,
      created_at: created_at[i] as string,
      skills: valueAt(skills, i),
      labels: valueAt(labels, i),
      blocked_by: blocked_by[i] || none,
    };
    const more = rare[i];
    rows.set(row.id, more ? Object.assign(row, more) : row);
  }
  return rows;
}

const valueAt = <T>({ values, at }: Coded<T>, row: number): T => values[at[row] as number] as T;
