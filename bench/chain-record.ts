/** A record of CWOM's objects, mixed as work leaves them: for each issue a packet, runs that start from it, and what they made. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { encode } from "../src/core/codec.ts";
import { type Kind, pathOf } from "../src/core/paths.ts";
import { ENV, git } from "./stage.ts";

const AT = "2026-01-01T00:00:00Z";
const ENDED = "2026-01-01T00:30:00Z";
/** One in forty is a rule or a set of limits; the others come in groups of an issue, a packet, two runs and four artifacts. */
const RULES = 40;
const OPEN_EVERY = 5;

export interface Made {
  kind: Kind;
  path: string;
  value: object;
}

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** As a ULID is made: the moment first, then what looks like chance, and is the same each time. */
function id(prefix: string, n: number): string {
  const chance = [...createHash("sha256").update(`${n}`).digest().subarray(0, 16)];
  const moment = Array.from({ length: 7 }, (_, at) => DIGITS[Math.floor(n / 32 ** (6 - at)) % 32]);
  return `${prefix}_01k${moment.join("")}${chance.map((byte) => DIGITS[byte % 32]).join("")}`;
}

/** So many objects, the same ones each time. repo: the id of repo bench. */
export function* objectsOf(count: number, repo: string): Iterable<Made> {
  const rules = Math.floor(count / RULES);
  const half = Math.max(1, Math.floor(rules / 2));
  const made = (kind: Kind, value: { id: string }): Made => ({
    kind,
    path: pathOf(kind, value.id),
    value: { kind, ...value },
  });
  for (let n = 0; n < rules; n++)
    yield n < half ? made("DoctrineRef", doctrine(n)) : made("ConstraintSnapshot", limits(n));
  for (let n = rules, group = 0; n < count; n += 8, group++) {
    const issue = id("t", n);
    const [packet, first, second] = [id("cp", n + 1), id("rn", n + 2), id("rn", n + 3)];
    const ref = (kind: string, to: string) => ({ kind, id: to });
    const pins = {
      context_packets: [ref("ContextPacket", packet)],
      doctrine_refs: [0, 1, 2].map((k) => ref("DoctrineRef", id("dr", (group * 3 + k) % half))),
      constraint_snapshot: ref("ConstraintSnapshot", id("cs", half + (group % (rules - half)))),
    };
    const isOpen = group % OPEN_EVERY === 0;
    const run = (own: string, status: object) => ({
      ...{ id: own, for_issue: ref("Issue", issue), repo: ref("Repo", repo), mode: "agent" },
      executor: { actor: { actor_kind: "agent", actor_id: `w${group % 50}` }, runtime: "local" },
      ...{ inputs: pins, telemetry: { started_at: AT, ended_at: ENDED, duration_s: 1800 }, created_at: AT },
      ...status,
    });
    const artifacts = [0, 1, 2, 3].map((k) => id("ar", n + 4 + k));
    const group8: Made[] = [
      made("Task", {
        ...{
          id: issue,
          title: `Issue ${group}: make the ${group % 97}th part work`,
          repo: "bench",
          type: "feature",
        },
        ...{
          status: isOpen ? "ready" : "done",
          priority: 10 + (group % 90),
          estimate: 1,
          created_at: AT,
          created_by: "w0",
        },
        ...(isOpen ? {} : { outcome: { epoch: 2, attempt: 2, worker: `w${group % 50}`, at: ENDED } }),
      } as { id: string }),
      made("ContextPacket", {
        ...{ id: packet, for_issue: ref("Issue", issue), version: "1", summary: `What issue ${group} needs` },
        ...{ instructions: "Answer 200 on /healthz.", doctrine_refs: pins.doctrine_refs, created_at: AT },
      } as { id: string }),
      made(
        "Run",
        run(first, { status: "failed", failure: { category: "build", message: "the build breaks" } }),
      ),
      made(
        "Run",
        run(second, { status: "done", outputs: { artifacts: artifacts.map((one) => ref("Artifact", one)) } }),
      ),
      ...artifacts.map((own, k) =>
        made("Artifact", {
          ...{
            id: own,
            produced_by: ref("Run", second),
            for_issue: ref("Issue", issue),
            type: k === 0 ? "pr" : "commit",
          },
          ...{ title: `Part ${k} of issue ${group}`, uri: `https://example.org/${n}/${k}`, created_at: AT },
        } as { id: string }),
      ),
    ];
    yield* group8.slice(0, count - n);
  }
}

const doctrine = (n: number): { id: string } => ({
  ...{
    id: id("dr", n),
    namespace: "house",
    name: `rule-${n}`,
    version: "1",
    type: "policy",
    priority: "should",
  },
  ...{ statement: `Rule ${n} of the house.`, applicability: { tags: [`group-${n}`] }, created_at: AT },
});

const limits = (n: number): { id: string } => ({
  ...{ id: id("cs", n), scope: "repo", captured_at: AT, owner: { actor_kind: "human", actor_id: "w0" } },
  ...{ constraints: { time: { available_minutes: 30 }, risk: { tolerance: "medium" } }, created_at: AT },
});

/** Adds them to a record in one commit, straight into the hub: text by text through one fast-import. */
export async function fillObjects(hub: string, objects: Iterable<Made>): Promise<void> {
  const base = git(hub, "rev-parse", "owp");
  const child = spawn("git", ["fast-import", "--quiet"], {
    cwd: hub,
    env: ENV,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const write = async (text: string) => child.stdin.write(text) || (await once(child.stdin, "drain"));
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const seconds = Math.floor(Date.now() / 1000);
  await write(
    `commit refs/heads/owp\ncommitter bench <bench@example.org> ${seconds} +0000\n${data("objects\n")}from ${base}\n`,
  );
  for (const { path, value } of objects) await write(`M 100644 inline ${path}\n${data(encode(path, value))}`);
  child.stdin.end("done\n");
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}
