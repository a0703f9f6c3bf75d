/** What readers of single items share. */
import type { ImportItem } from "../../generated/types.ts";

/** What is wrong with one item; stands behind `line 7: `. */
export interface ItemProblem {
  message: string;
  field?: string;
}

/** What one item became. Equal warnings are counted together. */
export type ItemRead = { item: ImportItem; warnings: string[] } | { problem: ItemProblem };

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How an item is named in messages; line is 1-based, index is not. */
export const placeName = (line: number | undefined, index: number): string =>
  line === undefined ? `item ${index + 1}` : `line ${line}`;
