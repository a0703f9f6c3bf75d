/** The forms of JobSpec's answers, by its own component schemas, and commits that carry job records. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { nthId } from "../../src/core/ids.ts";
import { pathOf } from "../../src/core/paths.ts";

// biome-ignore lint/suspicious/noExplicitAny: a document of JSON.
type Schema = Record<string, any>;
const document = JSON.parse(
  readFileSync(new URL("../fixtures/jobspec-components.json", import.meta.url), "utf8"),
) as Schema & { components: { schemas: Record<string, Schema> } };

/** The seed's component schemas by name. */
export const SEED = document.components.schemas;

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** OpenAPI 3.1 is JSON Schema 2020-12; `schemas` of the document is where its references lead. */
function validatorsOf(schemas: Record<string, Schema>): (name: string, value: unknown) => string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajv.addFormat("date-time", (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)));
  ajv.addSchema({ $id: "jobspec", components: { schemas } });
  return (name, value) => {
    const check = ajv.getSchema(`jobspec#/components/schemas/${name}`);
    if (!check) throw new Error(`JobSpec has no ${name}`);
    return check(value) ? [] : (check.errors ?? []).map((e) => `${name}${e.instancePath} ${e.message}`);
  };
}

/** Every object without fields that the seed does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)]);
  const made = Object.fromEntries(entries) as Schema;
  return made.type === "object" && made.properties && made.additionalProperties === undefined
    ? { ...made, additionalProperties: false }
    : made;
}

const isOfForm = validatorsOf(SEED);
const isExactly = validatorsOf(closed(SEED) as Record<string, Schema>);

/** Of the seed's form, and with nothing in it that the seed does not name but `more`, such as a corrupt record's commit. */
export function expectForm(name: string, value: unknown, more: RegExp = /^$/): void {
  const plain = JSON.parse(JSON.stringify(value));
  expect(isOfForm(name, plain)).toEqual([]);
  expect(isExactly(name, plain).filter((problem) => !more.test(problem))).toEqual([]);
}

/** Every id of an operation in tests: the nth one. */
export const opId = (n: number): string => nthId("01kjm0000000000000000000aa", n);

/** One record as it stands in a trailer. */
export const line = (type: string, job: string, payload?: object, request = `req_${job}`): string =>
  `${type} ${JSON.stringify({ job_id: job, request_id: request, ...(payload && { payload }) })}`;

/** The operation's event by the last of these records; a heartbeat where that is none of an operation. */
const eventOf = (lines: readonly string[]): string =>
  /^job\.(?!lease_expired)[a-z]+(?= )/.exec(lines.at(-1) ?? "")?.[0] ?? "job.heartbeat";

/** The message of an operation's commit with these records, on the job that is this task. */
export const jobMessage = (op: string, task: string, lines: readonly string[]): string =>
  [
    "jobs",
    "",
    `Owp-Op: ${op}`,
    `Owp-Event: ${eventOf(lines)}`,
    "Owp-Actor: ada",
    "Owp-Clone: c10ne009",
    `Owp-Task: ${task}`,
    ...lines.map((one) => `Owp-Job: ${one}`),
  ].join("\n");

/** What such a commit changes: the file that accepts a job, or else its lease. */
export const jobPath = (task: string, lines: readonly string[]): string =>
  pathOf(eventOf(lines) === "job.accepted" ? "Task" : "Lease", task);

/** The payloads of a job's usual way. */
export const said = {
  accepted: (job_type = "rpi.run", more: object = {}) => ({ job_type, max_attempts: 3, ...more }),
  claimed: (epoch: number, lease_expires_at: string, attempt = epoch) => ({
    attempt,
    lease_epoch: epoch,
    lease_expires_at,
    token_hash: "a".repeat(64),
    worker: "ada",
  }),
  completed: (epoch: number, artifacts?: Record<string, string>) => ({
    lease_epoch: epoch,
    result_status: "succeeded",
    ...(artifacts && { artifacts }),
  }),
  failed: (code = "lost", message?: string) => ({
    failure: { code, ...(message !== undefined && { message }), retryable: false },
    result_status: "failed",
  }),
};
