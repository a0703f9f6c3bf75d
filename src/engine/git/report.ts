/** Reads what `git push --porcelain` says of each ref. */

export interface RefReport {
  /** accepted: the remote has it, now or already. rejected: it was told no. unknown: the remote's answer is missing. */
  fate: "accepted" | "rejected" | "unknown";
  /** For instance `[remote rejected] (pre-receive hook declined)`. */
  summary: string;
}

/** The report for each remote ref that is spoken of. A ref that is not in it has no known fate. */
export function parsePushReport(stdout: string): Map<string, RefReport> {
  const reports = new Map<string, RefReport>();
  for (const line of stdout.split("\n")) {
    const [flag, refs, summary] = line.split("\t");
    const ref = refs?.slice(refs.lastIndexOf(":") + 1);
    if (flag?.length !== 1 || !ref || summary === undefined) continue;
    reports.set(ref, { fate: fateOf(flag, summary), summary: flag === "!" ? `! ${summary}` : summary });
  }
  return reports;
}

function fateOf(flag: string, summary: string): RefReport["fate"] {
  if (" +-*=".includes(flag)) return "accepted";
  return /^\[(?:remote )?rejected\]/.test(summary) ? "rejected" : "unknown";
}
