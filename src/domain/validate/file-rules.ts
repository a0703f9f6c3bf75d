/** What must hold inside one file beyond its schema: the rules of a task, of a lease, and here of the policy and of any file. The codec's own findings come first; see check-file.ts. */
import { KINDS, type Kind } from "../../core/paths.ts";
import { PROTOCOL, readsProtocol } from "../../core/rules.ts";
import { ms, parseDuration, spell } from "../../core/time.ts";
import { unknownFields } from "../../core/unknown-fields.ts";
import type { Policy } from "../../generated/types.ts";
import { COMMIT_RULES } from "./commit-rules.ts";
import { about, type FileRule, type FileView } from "./file-rule.ts";
import { JOB_FILE_RULES } from "./job-rules.ts";
import { LEASE_RULES } from "./lease-rules.ts";
import { OBJECT_RULES } from "./object-rules.ts";
import { RECORD_RULES } from "./record-rules.ts";
import type { Found, Keys } from "./rule.ts";
import { secretFields, secretsIn } from "./secrets.ts";
import { TASK_RULES } from "./task-rules.ts";
import { walk } from "./walk.ts";

const ALL = Object.keys(KINDS) as readonly Kind[];

export const FILE_RULES: readonly FileRule[] = [
  ...TASK_RULES,
  ...LEASE_RULES,
  ...JOB_FILE_RULES,
  ...OBJECT_RULES,
  {
    code: "protocol_newer",
    severity: "error",
    why: "A record of a newer major version must not be interpreted by a program that does not know its rules.",
    ...about("Policy", ({ protocol }) =>
      readsProtocol(protocol)
        ? undefined
        : {
            keys: ["protocol"],
            message: `The record is of protocol ${protocol}, and this version reads ${PROTOCOL}.`,
          },
    ),
  },
  {
    code: "policy_lengths",
    severity: "warning",
    why: "Some lengths of time only make sense together: a heartbeat must be missed before the lease runs out, a wait has a cap.",
    ...about("Policy", policyLengths),
  },
  {
    code: "policy_warnings",
    severity: "warning",
    why: "Only a warning of this page can be raised to an error; a code that is none has no effect.",
    ...about("Policy", policyWarnings),
  },
  {
    code: "unknown_field",
    severity: "warning",
    kinds: ALL,
    why: "A field that this version does not know has no effect: it is a slip of the pen, or a newer version wrote it. It is kept.",
    check: unknown,
  },
  {
    code: "time_impossible",
    severity: "error",
    kinds: ALL,
    why: "A day that no calendar has is read as another day, and differently by different programs.",
    check: ({ value }) => impossibleTimes(value),
  },
  {
    code: "time_order",
    severity: "warning",
    kinds: ALL,
    why: "What came later is dated earlier by more than the allowed skew: a clock was wrong, or a date was edited.",
    check: timeOrder,
  },
  {
    code: "secret",
    severity: "error",
    kinds: ALL,
    why: "Every clone keeps what was committed for ever: a secret that has been pushed is to be revoked, not only removed (F13).",
    check: secrets,
  },
];

function* policyLengths({ attempts }: Policy, { rules }: FileView): Iterable<Found> {
  const shortest = Math.min(rules.lease_ms.agent, rules.lease_ms.human, rules.lease_ms.system);
  if (rules.heartbeat_timeout_ms > shortest) {
    const message = `heartbeat_timeout (${spell(rules.heartbeat_timeout_ms)}) is longer than the shortest lease (${spell(shortest)}).`;
    yield { keys: ["leases", "heartbeat_timeout"], message };
  }
  if (rules.max_skew_ms >= shortest) {
    yield {
      keys: ["leases", "max_skew"],
      message: `max_skew (${spell(rules.max_skew_ms)}) is as long as a lease.`,
    };
  }
  if (attempts?.backoff && (parseDuration(attempts.backoff) ?? 0) > rules.backoff_cap_ms) {
    yield {
      keys: ["attempts", "backoff"],
      message: `backoff (${attempts.backoff}) is longer than backoff_cap (${spell(rules.backoff_cap_ms)}).`,
    };
  }
}

function* policyWarnings({ warnings }: Policy): Iterable<Found> {
  const known = new Set(
    [...FILE_RULES, ...RECORD_RULES, ...COMMIT_RULES].flatMap(({ code, severity }) =>
      severity === "warning" ? [code] : [],
    ),
  );
  for (const code of Object.keys(warnings ?? {}))
    if (!known.has(code))
      yield { keys: ["warnings", code], message: `${code} is no warning of owp validate.` };
}

function* unknown({ kind, value, rules }: FileView): Iterable<Found> {
  if (Number(rules.protocol.split(".")[1]) > Number(PROTOCOL.split(".")[1])) return;
  for (const keys of unknownFields(kind, value as object)) {
    yield {
      keys,
      message: `${keys.join(".")} is no field of a ${kind}, so it has no effect; free data goes under meta.`,
    };
  }
}

const TIME_KEY = /(?:^at|_at|^not_before)$/;
const TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** The schema's pattern lets the 31st of February through, and Date.parse takes it for the 2nd of March. */
function impossibleTimes(value: unknown): Found[] {
  const found: Found[] = [];
  walk(value, (key, inner, keys) => {
    const day = typeof inner === "string" && TIME_KEY.test(key) ? TIME.exec(inner)?.[1] : undefined;
    if (day !== undefined && !isDay(day)) found.push({ keys: keys(), message: `There is no day ${day}.` });
    return typeof inner !== "string";
  });
  return found;
}

/** Every month has the first 28. */
function isDay(day: string): boolean {
  if (Number(day.slice(-2)) <= 28) return true;
  const parsed = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day);
}

/** Pairs of fields in the order in which they must lie, by kind. */
const ORDER: Partial<Record<Kind, readonly (readonly [Keys, Keys])[]>> = {
  Task: [
    [["created_at"], ["updated_at"]],
    [["created_at"], ["outcome", "at"]],
  ],
  Worker: [[["created_at"], ["updated_at"]]],
  Repo: [[["created_at"], ["updated_at"]]],
  Lease: [[["claimed_at"], ["renewed_at"]]],
  ContextPacket: [[["created_at"], ["updated_at"]]],
  DoctrineRef: [[["created_at"], ["updated_at"]]],
  Run: [[["created_at"], ["updated_at"]]],
  Artifact: [[["created_at"], ["updated_at"]]],
};

function* timeOrder({ kind, value, rules }: FileView): Iterable<Found> {
  for (const [first, second] of ORDER[kind] ?? []) {
    const [earlier, later] = [textAt(value, first), textAt(value, second)];
    if (!(ms(later) < ms(earlier) - rules.max_skew_ms)) continue;
    yield {
      keys: second,
      message: `${second.join(".")} is ${later}, before ${first.join(".")} (${earlier}).`,
    };
  }
}

function textAt(value: unknown, keys: Keys): string | undefined {
  const found = keys.reduce<unknown>(
    (at, key) => (at as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
  return typeof found === "string" ? found : undefined;
}

function* secrets({ text, value }: FileView): Iterable<Found> {
  for (const { name, line } of secretsIn(text)) {
    yield { line, message: `This looks like ${name}. Revoke it: clones may have it already.` };
  }
  for (const keys of secretFields(value)) {
    yield {
      keys,
      message: `${keys.join(".")} holds a secret in plain; the record keeps hashes of secrets (sha256:…) at most.`,
    };
  }
}
