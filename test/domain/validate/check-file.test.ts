import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/codec.ts";
import { rulesOf } from "../../../src/core/rules.ts";
import { checkFile } from "../../../src/domain/validate/check-file.ts";
import { OBJECT_RULES } from "../../../src/domain/validate/object-rules.ts";
import { RULES } from "../../../src/domain/validate/rules.ts";
import {
  bytes,
  free,
  id,
  job,
  jobKey,
  jobLease,
  lease,
  outcome,
  pathFor,
  policy,
  repo,
  T1,
  T2,
  task,
  type Value,
  worker,
} from "./support.ts";

const found = (path: string, text: string) =>
  checkFile(path, bytes(text), rulesOf(policy())).map(({ code, line }) => `${code}:${line ?? ""}`);
const codes = (value: Value) =>
  checkFile(pathFor(value), bytes(encode(pathFor(value), value)), rulesOf(policy())).map(({ code }) => code);

describe("sound files have no findings", () => {
  const rows: [string, Value][] = [
    ["a policy", policy({ leases: { agent: "4h" } })],
    ["a repo", repo()],
    ["a worker", worker("claude@box/web", 1, { token_hash: `sha256:${"0".repeat(64)}` })],
    ["a job", job()],
    ["its lease", jobLease()],
    ["a job's key", jobKey()],
    ["a ready task", task({ relationships: { parent: T2, blocked_by: [T2] } })],
    ["a done task", task({ status: "done", outcome: outcome() })],
    [
      "a canceled task that no one ever held",
      task({ status: "canceled", outcome: outcome({ epoch: 0, worker: null }) }),
    ],
    ["a lease", lease()],
    ["a renewed lease", lease({ renewed_at: "2026-01-02T12:30:00Z", expires_at: "2026-01-02T16:30:00Z" })],
    ["a lease without an end (E40)", lease({ ttl: null, expires_at: null })],
    ["a free lease", free()],
    [
      "a lease taken over",
      lease({ taken_from: { worker: "bob", epoch: 2, reason: "expired", evidence: "late" } }),
    ],
    ["free data", task({ meta: { "x.token_hash": "abc", anything: { goes: 1 } } })],
    ["a name only", repo("main", { policy: { secrets_profile: "production" } })],
  ];
  test.each(rows)("%s", (_name, value) => expect(codes(value)).toEqual([]));

  test("what else lies in a record: README, schemas, a host's workflow", () => {
    for (const path of ["README.md", ".owp/schemas/task.json", ".github/workflows/owp.yml", "LICENSE"]) {
      expect(found(path, "text\n")).toEqual([]);
    }
  });
});

/** Each row is broken in one way, and only the named rule says so. */
const ROWS: [code: string, name: string, value: Value][] = [
  ["job_place", "a job under the id of another", job({ job_id: "j-2" })],
  ["outcome_missing", "done without an outcome", task({ status: "done" })],
  ["outcome_unexpected", "ready with an outcome", task({ outcome: outcome() })],
  ["self_reference", "its own parent (B30)", task({ relationships: { parent: T1 } })],
  ["self_reference", "waits for itself (B30)", task({ relationships: { blocked_by: [T2, T1] } })],
  ["repeated_reference", "the same task twice", task({ relationships: { blocked_by: [T2, T2] } })],
  ["ref_kind", "a run among the doctrine (B07)", task({ doctrine_refs: [{ kind: "Run", id: "x" }] })],
  ["estimate_over_cap", "an estimate of 9 (A20)", task({ estimate: 9 })],
  ["holder_phase", "queued with a holder", lease({ phase: "queued" })],
  ["holder_phase", "in progress with no holder", free({ phase: "in_progress" })],
  ["lease_expiry", "a free lease that expires", free({ expires_at: "2026-01-02T14:00:00Z" })],
  ["lease_expiry", "ttl without expires_at", lease({ expires_at: null })],
  ["lease_expiry", "expires_at without ttl", lease({ ttl: null })],
  ["lease_expiry", "a second longer than its ttl", lease({ expires_at: "2026-01-02T14:00:01Z" })],
  ["lease_expiry", "held until 2096", lease({ expires_at: "2096-01-02T14:00:00Z" })],
  [
    "taken_from_epoch",
    "taken from its own epoch",
    lease({ taken_from: { worker: "bob", epoch: 3, reason: "silent" } }),
  ],
  ["protocol_newer", "a newer protocol", policy({ protocol: "2.0" })],
  [
    "policy_lengths",
    "a heartbeat longer than the lease",
    policy({ leases: { agent: "10m", heartbeat_timeout: "15m" } }),
  ],
  ["policy_lengths", "a skew as long as the lease", policy({ leases: { agent: "20m", max_skew: "20m" } })],
  ["policy_lengths", "a backoff above its cap", policy({ attempts: { backoff: "2h", backoff_cap: "1h" } })],
  ["unknown_field", "a slip of the pen", { ...task(), depends_on: [T2] } as Value],
  [
    "unknown_field",
    "a slip inside a list",
    task({ notes: [{ at: "2026-01-01T00:00:00Z", by: "ada", text: "x", txet: "y" } as never] }),
  ],
  ["time_impossible", "the 31st of February", task({ not_before: "2026-02-31T00:00:00Z" })],
  [
    "time_impossible",
    "the same inside a list",
    task({ notes: [{ at: "2026-02-31T00:00:00Z", by: "ada", text: "x" }] }),
  ],
  ["time_order", "updated before it was created (B04)", task({ updated_at: "2025-12-31T23:00:00Z" })],
  [
    "time_order",
    "ended before it was created",
    task({ status: "done", outcome: outcome({ at: "2025-01-01T00:00:00Z" }) }),
  ],
  ["secret", "a GitHub token in a note (F13)", task({ description: `use ghp_${"a1".repeat(18)}` })],
  ["secret", "an invite code in plain (F13)", task({ meta: { invite_code: "k3f9-77ab" } })],
];

describe("each rule of a file finds what it is for, and nothing else does", () => {
  test.each(ROWS)("%s: %s", (code, _name, value) => expect(codes(value)).toEqual([code]));

  test("every rule of a file has a row", () => {
    const rules = RULES.filter(({ scope }) => scope === "file").map(({ code }) => code);
    const covered = new Set([
      ...ROWS.map(([code]) => code),
      "misplaced",
      "foreign_file",
      "prime_placeholder",
      // objects.test.ts
      "policy_warnings",
      ...OBJECT_RULES.map(({ code }) => code),
    ]);
    expect(rules.filter((code) => !covered.has(code))).toEqual([]);
  });
});

describe("PRIME.md, which owp prime tells", () => {
  const rows: [name: string, text: string | Uint8Array, found: string[]][] = [
    ["a sound one", "<!-- ours -->\nRun the tests.\n{{held}}\n{{ready}}\n", []],
    [
      "a placeholder that no one fills in",
      "{{worker}}\n{{hold}} {{READY}}\n",
      ["prime_placeholder:2", "prime_placeholder:2"],
    ],
    ["one in a remark counts for nothing", "<!-- {{hold}}\n-->\n{{held}}\n", []],
    ["4000 characters", "é".repeat(4000), []],
    ["one more", "é".repeat(4001), ["text_too_long:"]],
    ["larger than any file of the record", " ".repeat(1_048_577), ["too_large:"]],
    ["nothing", "\n", ["text_empty:"]],
    ["no text", new Uint8Array([0x23, 0xff, 0xfe]), ["not_utf8:"]],
    ["a control character", "a\nb\u0007\n", ["control_character:2"]],
    ["a merge conflict", "<<<<<<< HEAD\n", ["conflict_marker:1"]],
    ["a secret (F13)", `use ghp_${"a1".repeat(18)}\n`, ["secret:1"]],
  ];
  test.each(rows)("%s", (_name, text, expected) => {
    const content = typeof text === "string" ? bytes(text) : text;
    const findings = checkFile("PRIME.md", content, rulesOf(policy()));
    expect(findings.map(({ code, line }) => `${code}:${line ?? ""}`)).toEqual(expected);
  });

  test("elsewhere it is any file", () => expect(found("docs/PRIME.md", "{{hold}}\n")).toEqual([]));
});

describe("files by their place", () => {
  const good = encode(pathFor(task()), task());
  const rows: [path: string, text: string, found: string[]][] = [
    [`tasks/x/y/${T1}.yaml`, good, ["misplaced:"]],
    [`tasks/${T1}.yaml`, good, ["misplaced:"]],
    ["tasks/notes.yml", "a: 1\n", ["misplaced:"]],
    [`tasks/0/1/${T1.toUpperCase()}.yaml`, good, ["misplaced:"]],
    ["workers/a/b/c.yaml", "a: 1\n", ["misplaced:"]],
    ["tasks/../owp.yaml", "a: 1\n", ["misplaced:"]],
    ["tasks/README.md", "about\n", ["foreign_file:"]],
    [".owp/key.pem", "\n-----BEGIN OPENSSH PRIVATE KEY-----\n", ["secret:2"]],
  ];
  test.each(rows)("%s (F12)", (path, text, expected) => expect(found(path, text)).toEqual(expected));
});

describe("files that cannot be read are reported with their line, by the codec's code (F11)", () => {
  const path = pathFor(lease());
  const text = encode(path, lease());
  const rows: [name: string, path: string, text: string, code: string][] = [
    [
      "conflict markers",
      path,
      text.replace("epoch: 3", "<<<<<<< ours\nepoch: 3\n=======\nepoch: 4\n>>>>>>> theirs"),
      "conflict_marker",
    ],
    ["a key twice", path, `${text}epoch: 9\n`, "duplicate_key"],
    ["an alias", path, `${text}meta: &a { b: *a }\n`, "alias"],
    ["another task's lease", path, text.replace(T1, T2), "id_mismatch"],
    ["an id that is a path (F12)", path, text.replace(T1, "../../owp"), "schema"],
    ["a negative priority", pathFor(task()), encode(pathFor(task()), task({ priority: -1 })), "schema"],
    ["a tag with a newline", pathFor(task()), encode(pathFor(task()), task({ skills: ["a\nb"] })), "schema"],
    ["a task where a lease belongs", path, encode(pathFor(task()), task()), "kind_mismatch"],
  ];
  test.each(rows)("%s", (_name, at, broken, code) => {
    const [first, ...others] = checkFile(at, bytes(broken));
    expect([first?.code, first?.severity, others]).toEqual([code, "error", []]);
    expect(first?.line).toBeGreaterThan(0);
  });

  test("a broken file still gives its secrets away", () => {
    expect(found(path, `epoch: [\n# ${"AKIA"}ABCDEFGHIJKLMNOP\n`).at(-1)).toBe("secret:2");
  });
});

describe("findings point at the line", () => {
  const rows: [string, Value, string][] = [
    ["a field", task({ estimate: 9 }), "estimate: 9"],
    ["an entry of a list", task({ relationships: { blocked_by: [T2, id("t", 3), T1] } }), `- ${T1}`],
    [
      "a field of an entry",
      task({
        runs: [
          { kind: "Run", id: id("rn", 1) },
          { kind: "Repo", id: "b" },
        ],
      }),
      "kind: Repo",
    ],
    [
      "a field of a mapping",
      lease({ taken_from: { worker: "bob", epoch: 7, reason: "forced" } }),
      "epoch: 7",
    ],
  ];
  test.each(rows)("%s", (_name, value, expected) => {
    const text = encode(pathFor(value), value);
    const [finding] = checkFile(pathFor(value), bytes(text));
    expect(text.split("\n")[(finding?.line ?? 0) - 1]).toContain(expected);
  });
});

test("the policy's own cap counts (A20)", () => {
  const text = bytes(encode(pathFor(task()), task({ estimate: 9 })));
  expect(checkFile(pathFor(task()), text, rulesOf(policy({ max_estimate: 10 })))).toEqual([]);
});

test("a field of a newer minor version is no slip", () => {
  const text = bytes(encode(pathFor(task()), { ...task(), colour: "red" }));
  expect(checkFile(pathFor(task()), text, rulesOf(policy({ protocol: "1.7" })))).toEqual([]);
});
