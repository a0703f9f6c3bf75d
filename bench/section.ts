/** The form in which every measurement reports. */

export interface Row {
  what: string;
  value: number;
  unit: "x" | "ms" | "s" | "MB" | "bytes" | "count" | "per s";
  /** At most, or at least, where the project promises one. */
  limit?: { at: "most" | "least"; value: number };
}

export interface Section {
  name: string;
  rows: Row[];
  /** Why there are no rows. */
  note?: string;
}

export const holds = ({ value, limit }: Row): boolean =>
  !limit || (limit.at === "most" ? value <= limit.value : value >= limit.value);
