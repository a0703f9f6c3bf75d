/** Files in the wrong place: each id has exactly one path, and a file that lies elsewhere is read by no one. */
import { type Kind, OBJECT_KINDS, pathOf, placeOf } from "../../core/paths.ts";
import { readYaml } from "../../core/yaml-safe.ts";
import { type Bench, valueIn } from "./bench.ts";

/** The kind of each folder, and the field that holds the id. */
const FOLDERS: Record<string, [kind: Kind, field: string]> = {
  tasks: ["Task", "id"],
  leases: ["Lease", "task"],
  workers: ["Worker", "name"],
  repos: ["Repo", "slug"],
  ...Object.fromEntries(
    OBJECT_KINDS.map((kind): [string, [Kind, string]] => [
      pathOf(kind, "xx").split("/")[0] as string,
      [kind, "id"],
    ]),
  ),
};

/** Where a misplaced file belongs, by its folder and what it says; undefined where it does not say. */
export function targetOf(path: string, content: string | Uint8Array): string | undefined {
  const [kind, field] = FOLDERS[path.split("/")[0] ?? ""] ?? [];
  if (!kind || !field) return undefined;
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  const read = readYaml(text);
  const id = read.ok ? read.value[field] : undefined;
  const target = typeof id === "string" ? pathOf(kind, id) : "";
  return placeOf(target) && valueIn(target, text) !== undefined ? target : undefined;
}

export function movePlaces(bench: Bench): void {
  for (const finding of bench.findings(["misplaced"])) {
    const { path, code } = finding;
    const text = bench.text(path) ?? "";
    const target = targetOf(path, text);
    const there = target === undefined ? undefined : bench.text(target);
    if (target === undefined)
      bench.leave(finding, "mend it with an editor and move it to the path of its id, or delete it");
    else if (there === text) bench.put(path, undefined, code, `deleted; the same stands in ${target}`);
    else if (there !== undefined) bench.leave(finding, `keep one of the two: this file, or ${target}`);
    else {
      bench.put(target, text, code, `moved here from ${path}`);
      bench.put(path, undefined, code, `moved to ${target}`);
    }
  }
}
