import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { pathOf } from "../../../src/core/paths.ts";
import { checkCommit } from "../../../src/domain/validate/check-commit.ts";
import { checkFile } from "../../../src/domain/validate/check-file.ts";
import { checkRecord } from "../../../src/domain/validate/check-record.ts";
import { RecordCollector, taskFacts } from "../../../src/domain/validate/record-view.ts";
import type { Lease, Policy, Repo, Task, Worker } from "../../../src/generated/types.ts";
import { fc } from "../../helpers/chance.ts";
import { fromSchema } from "../../helpers/from-schema.ts";
import { bytes, id, NOW, pathFor, type Value } from "./support.ts";

const IDS = [1, 2, 3].map((n) => id("t", n));
const NAMES = ["ada", "bob"];

/** Values of a schema whose ids and names meet, so that there is something to refer to. */
function meeting(): fc.Arbitrary<Value[]> {
  const some = fc.nat(2);
  const names = (value: Record<string, unknown>, n: number): Value => {
    const [task, name] = [IDS[n] ?? "", NAMES[n % 2] ?? ""];
    if (value.kind === "Worker") return { ...value, name } as Worker;
    if (value.kind === "Repo") return { ...value, slug: name } as Repo;
    if (value.kind === "Lease")
      return { ...value, task, ...(value.worker === null ? {} : { worker: name }) } as Lease;
    if (value.kind !== "Task") return value as unknown as Policy;
    const others = { parent: IDS[(n + 1) % 3], blocked_by: [IDS[(n + 2) % 3]], blocks: [IDS[(n + 2) % 3]] };
    return { ...value, id: task, repo: name, ...(n === 0 ? {} : { relationships: others }) } as Task;
  };
  const kinds = ["task", "task", "lease", "worker", "repo", "owp"].map((name) => fromSchema(name));
  return fc.array(
    fc.tuple(fc.oneof(...kinds), some).map(([value, n]) => names(value, n)),
    { maxLength: 8 },
  );
}

const isFinding = (one: { code: string; message: string; path: string }) =>
  one.code !== "" && one.message !== "" && typeof one.path === "string";

describe("checks never throw, whatever the files say", () => {
  test("checkRecord on any values of the schemas", () => {
    fc.assert(
      fc.property(meeting(), (values) => {
        const record = new RecordCollector();
        for (const value of values) {
          if (value.kind === "Task") record.task(taskFacts(value));
          else if (value.kind === "Lease") record.lease(value.task, value);
          else if (value.kind === "Worker") record.worker(value);
          else if (value.kind === "Repo") record.repo(value);
          else if (value.kind === "JobKey") record.jobKey(value);
          else record.policy(value);
        }
        expect(checkRecord(record, NOW).every(isFinding)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("checkFile on any value of the schemas, and on any bytes at any path", () => {
    fc.assert(
      fc.property(meeting(), (values) => {
        for (const value of values) {
          expect(checkFile(pathFor(value), bytes(encode(pathFor(value), value))).every(isFinding)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
    const paths = fc.oneof(
      fc.constantFrom(pathOf("Task", IDS[0] ?? ""), "owp.yaml", "workers/ada.yaml", "tasks/x.yaml"),
      fc.string(),
    );
    fc.assert(
      fc.property(paths, fc.uint8Array({ maxLength: 200 }), (path, content) => {
        expect(checkFile(path, content).every(isFinding)).toBe(true);
      }),
    );
  });

  test("checkCommit on any two sets of files", () => {
    fc.assert(
      fc.property(meeting(), meeting(), fc.nat(2), fc.boolean(), (old, fresh, parents, isOperation) => {
        const texts = (values: Value[]) =>
          Object.fromEntries(values.map((one) => [pathFor(one), encode(pathFor(one), one)]));
        const [before, after] = [texts(old), texts(fresh)];
        const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].map((path) => ({
          path,
          before: before[path],
          after: after[path],
        }));
        const entry = { op: "x", event: "e", actor: "ada", tasks: [] };
        const commit = {
          oid: "c",
          parents: Array(parents).fill("p"),
          at_ms: NOW,
          subject: "",
          author: "",
          ...(isOperation ? { entry } : {}),
        };
        const operations = [{ events: ["e"], touches: ["Policy", "Worker", "Repo", "Task", "Lease"] }];
        const found = checkCommit(
          (path) => before[path],
          (path) => after[path],
          changed,
          commit,
          { now: NOW, operations },
        );
        expect(found.every(isFinding)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe("checkRecord at size", () => {
  const SIZE = 20_000;
  const idOf = (n: number) =>
    `t_${n
      .toString(32)
      .replace(/[i-v]/g, (c) => "jkmnpqrstvwxyz"[c.charCodeAt(0) - 105] ?? "z")
      .padStart(26, "0")}`;

  test("20,000 tasks in one chain, then in one circle: no deep stack, one finding", () => {
    const ids = Array.from({ length: SIZE }, (_, n) => idOf(n));
    expect(new Set(ids).size).toBe(SIZE);
    const collect = (closed: boolean) => {
      const record = new RecordCollector();
      record.policy({ kind: "Policy", protocol: "1.0" });
      record.repo({
        kind: "Repo",
        id: id("r", 1),
        slug: "main",
        name: "main",
        created_at: "2026-01-01T00:00:00Z",
      });
      for (const [n, one] of ids.entries()) {
        const next = n + 1 < SIZE ? ids[n + 1] : closed ? ids[0] : undefined;
        record.task({ id: one, repo: "main", status: "ready", blocked_by: next ? [next] : [] });
      }
      return checkRecord(record, NOW).map(({ code }) => code);
    };
    expect(collect(false)).toEqual([]);
    expect(collect(true)).toEqual(["dependency_cycle"]);
  });
});
