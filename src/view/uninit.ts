/** `owp uninit`: what went, and the way back. */
import type { View } from "./look.ts";
import { oneLine } from "./paint.ts";
import { count } from "./words.ts";

interface Uninited {
  folder: string;
  waiting: { offline: number; undecided: number };
  record?: { branch: string; tip: string | null; signals: number };
  backup?: string;
  restore?: string[];
  would?: true;
}

export const uninit: View<Uninited> = {
  render: ({ folder, waiting, record, backup, restore = [], would }) => {
    const verb = would ? "would remove" : "removed";
    const lines = [`${verb} ${oneLine(folder)} from this clone`];
    if (waiting.offline > 0)
      lines.push(`  with ${count(waiting.offline, "operation")} that waited for owp sync`);
    if (waiting.undecided > 0)
      lines.push(`  with ${count(waiting.undecided, "push", "pushes")} whose outcome was not known`);
    if (record)
      lines.push(
        `${verb} from the remote: ${record.tip ? `the branch ${record.branch} at ${record.tip}` : `no branch ${record.branch}, there is none`}, and ${count(record.signals, "signal")}`,
      );
    if (backup)
      lines.push(
        `${would ? "would keep" : "kept"} its history in ${oneLine(backup)}; it comes back with`,
        ...restore.map((command) => `  ${oneLine(command)}`),
      );
    return lines.join("\n");
  },
  quiet: () => "",
};
