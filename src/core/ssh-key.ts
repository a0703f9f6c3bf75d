/** Public ssh keys as the record has them: one line, `type base64`, perhaps with a comment behind. */

/** Whether a line is that of a key given as `type base64`. */
export const hasKey = (line: string | undefined, key: string): boolean =>
  line !== undefined && line.trim().split(/\s+/, 2).join(" ") === key;
