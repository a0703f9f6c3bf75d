/** Rows of open tasks as they are stored: lists instead of mappings, since a command may read a hundred thousand. */
import type { OpenTask } from "../core/snapshot.ts";

/** Fields that few tasks have. */
type Rare = Omit<OpenTask, keyof Usual>;
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

/** Empty lists are 0. */
type Items = string[] | 0;

export type PackedRow = [
  id: string,
  title: string,
  repo: string,
  status: OpenTask["status"],
  priority: number,
  estimate: number,
  tier: number,
  epoch_floor: number,
  created_at: string,
  skills: Items,
  labels: Items,
  blocked_by: Items,
  rare?: Rare,
];

const items = (list: string[]): Items => (list.length === 0 ? 0 : list);
/** Rows are never changed: all can share one. */
const NONE: string[] = [];

export function packRow(row: OpenTask): PackedRow {
  const {
    id,
    title,
    repo,
    status,
    priority,
    estimate,
    tier,
    epoch_floor,
    created_at,
    skills,
    labels,
    blocked_by,
    ...rare
  } = row;
  const packed: PackedRow = [
    id,
    title,
    repo,
    status,
    priority,
    estimate,
    tier,
    epoch_floor,
    created_at,
    items(skills),
    items(labels),
    items(blocked_by),
  ];
  if (Object.keys(rare).length > 0) packed.push(rare);
  return packed;
}

export function unpackRow(packed: PackedRow): OpenTask {
  const [
    id,
    title,
    repo,
    status,
    priority,
    estimate,
    tier,
    epoch_floor,
    created_at,
    skills,
    labels,
    blocked_by,
    rare,
  ] = packed;
  const row: OpenTask = {
    id,
    title,
    repo,
    status,
    priority,
    estimate,
    tier,
    epoch_floor,
    created_at,
    skills: skills || NONE,
    labels: labels || NONE,
    blocked_by: blocked_by || NONE,
  };
  return rare ? Object.assign(row, rare) : row;
}
