/** What readers of single items share. */
import type { ImportItem } from "../../generated/types.ts";

/** What is wrong with one item; stands behind `line 7: `. */
export interface ItemProblem {
  message: string;
  field?: string;
  /** 1-based, where the item is a file of its own. */
  line?: number;
}

/** What one item became. Equal warnings are counted together; what is skipped is no work, and is counted too. */
export type ItemRead =
  | { item: ImportItem; warnings: string[] }
  | { problem: ItemProblem }
  | { skipped: string };

export const problem = (message: string, field?: string, line?: number): { problem: ItemProblem } => ({
  problem: { message, ...(field !== undefined && { field }), ...(line !== undefined && { line }) },
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where an item stands: line is 1-based; where says it in words that need no file. */
export interface Place {
  line?: number;
  where?: string;
}

/** How an item is named in messages: `tasks.yaml line 7`; index is not 1-based. */
export function placeName({ line, where }: Place, index: number, file?: string): string {
  if (where !== undefined) return where;
  const place = line === undefined ? `item ${index + 1}` : `line ${line}`;
  return file === undefined ? place : `${file} ${place}`;
}
