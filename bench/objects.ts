/** What CWOM's objects cost among 100,000: walking the chain, asking who points where, a claim that opens a run, and validating them all. */
import { parse } from "yaml";
import { encode } from "../src/core/codec.ts";
import { pathOf, placeOf } from "../src/core/paths.ts";
import { BARE_POLICY } from "../src/core/rules.ts";
import { schemaViolations } from "../src/core/validate.ts";
import { readYaml } from "../src/core/yaml-safe.ts";
import { RecordCheck } from "../src/domain/validate/check-record.ts";
import { fillObjects, objectsOf } from "./chain-record.ts";
import { paired } from "./pairs.ts";
import type { Row, Section } from "./section.ts";
import { median, OWP, owp, type Place, place, succeed } from "./stage.ts";

const OBJECTS = 100_000;
const ROUNDS = 9;
const START_LIMIT = { at: "most", value: 2 } as const;
const VALIDATE_ROUNDS = 2;
const VALIDATE_LIMIT = { at: "least", value: 0.7 } as const;

export async function objects(): Promise<Section[]> {
  const few = await made(80);
  const many = await made(OBJECTS);
  return [await walks(many), await claims(few, many), validation()];
}

interface Stocked extends Place {
  dir: string;
  /** One of each kind, from the middle of the record. */
  ids: Record<string, string>;
}

async function made(count: number): Promise<Stocked> {
  const at = place(1);
  const [dir = ""] = at.clones;
  owp(dir, "init", "--repo", "bench", "--as", "w0");
  owp(dir, "worker", "edit", "w0", "--capacity-points", "100", "--max-concurrent-tasks", "20", "--as", "w0");
  const { id: repo } = JSON.parse(owp(dir, "object", "show", "bench", "--json")).result.object as {
    id: string;
  };
  const ids: Record<string, string> = {};
  let left = Math.floor(count / 2);
  function* noted() {
    for (const one of objectsOf(count, repo)) {
      const name = placeOf(one.path) as { kind: string; id: string };
      if (left-- > 0 || !(name.kind in ids)) ids[name.kind] = name.id;
      yield one;
    }
  }
  await fillObjects(at.hub, noted());
  owp(dir, "status");
  return { ...at, dir, ids };
}

/** Each against the same command with nothing to do, in turn. */
async function walks({ dir, ids }: Stocked): Promise<Section> {
  const rows: Row[] = [];
  for (const [words, kind] of [
    [["trace"], "Artifact"],
    [["trace"], "DoctrineRef"],
    [["trace"], "Task"],
    [["refs"], "ContextPacket"],
    [["refs"], "DoctrineRef"],
  ] as [string[], string][]) {
    for (const id of [ids[kind] ?? "", (ids[kind] ?? "").slice(-10)]) {
      const { first, ratio } = await paired(
        ROUNDS,
        async () => (await succeed(process.execPath, [OWP, ...words, id, "--offline"], { cwd: dir })).ms,
        async () => (await succeed(process.execPath, [OWP, ...words, "--help"], { cwd: dir })).ms,
      );
      const what = `owp ${words.join(" ")}, ${kind}${id.includes("_") ? "" : " by a part of its id"}`;
      rows.push({ what: `${what}, against its own --help`, value: ratio, unit: "x", limit: START_LIMIT });
      rows.push({ what, value: first, unit: "ms" });
    }
  }
  return { name: `the chain among ${OBJECTS.toLocaleString("en")} objects, warm`, rows };
}

/** A claim that opens a run with its inputs pinned, among few objects and among many. */
async function claims(few: Stocked, many: Stocked): Promise<Section> {
  const claim =
    ({ dir }: Stocked) =>
    async () => {
      const { ms, stdout } = await succeed(
        process.execPath,
        [OWP, "claim", "--another", "--as", "w0", "--json"],
        { cwd: dir },
      );
      const [task] = JSON.parse(stdout).result.tasks as { id: string; run?: string }[];
      if (!task?.run) throw new Error("the claim opened no run");
      owp(dir, "release", task.id, "--as", "w0");
      return ms;
    };
  const { first, ratio } = await paired(ROUNDS, claim(many), claim(few));
  const what = "owp claim that opens a run";
  return {
    name: "a run for each claim",
    rows: [
      { what, value: first, unit: "ms" },
      { what: `${what}, against one among 80 objects`, value: ratio, unit: "x" },
    ],
  };
}

/**
 * Files a second, in one process: all rules of owp validate, against reading the YAML and asking the compiled schema
 * alone; with the yaml package, as any program would, and with owp's own reader, which is several times as fast.
 */
function validation(): Section {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const files = [...objectsOf(OBJECTS, `r_${"0".repeat(26)}`)].map(({ path, kind, value }) => ({
    ...{ path, kind },
    bytes: encoder.encode(encode(path, value)),
  }));
  const sound = (isSound: boolean, path: string) => {
    if (!isSound) throw new Error(`${path} is not valid`);
  };
  const bare = () => {
    for (const { path, kind, bytes } of files)
      sound(schemaViolations(kind, parse(decoder.decode(bytes))).length === 0, path);
  };
  const own = () => {
    for (const { path, kind, bytes } of files) {
      const read = readYaml(decoder.decode(bytes));
      sound(read.ok && schemaViolations(kind, read.value).length === 0, path);
    }
  };
  const whole = () => {
    const check = new RecordCheck();
    check.file(pathOf("Policy", "owp"), encoder.encode(encode(pathOf("Policy", "owp"), BARE_POLICY)));
    for (const { path, bytes } of files)
      sound(
        check.file(path, bytes).every(({ severity }) => severity === "warning"),
        path,
      );
    check.finish(Date.now());
  };
  const ways = [bare, own, whole];
  const times = ways.map((): number[] => []);
  for (let round = 0; round <= VALIDATE_ROUNDS; round++) {
    for (const [at, way] of ways.entries()) {
      const began = performance.now();
      way();
      if (round > 0) times[at]?.push(performance.now() - began);
    }
  }
  const [bareMs = [], ownMs = [], wholeMs = []] = times;
  const perSecond = (ms: readonly number[]) => (OBJECTS / median(ms)) * 1000;
  const against = (base: readonly number[]) => median(wholeMs.map((ms, round) => (base[round] ?? 0) / ms));
  return {
    name: `validating ${OBJECTS.toLocaleString("en")} objects in one process`,
    rows: [
      { what: "all rules of owp validate", value: perSecond(wholeMs), unit: "per s" },
      { what: "yaml's parse and the compiled schema alone", value: perSecond(bareMs), unit: "per s" },
      { what: "owp's reader and the compiled schema alone", value: perSecond(ownMs), unit: "per s" },
      {
        ...{ what: "all rules, against yaml's parse and the schema", value: against(bareMs), unit: "x" },
        limit: VALIDATE_LIMIT,
      },
      { what: "all rules, against owp's reader and the schema", value: against(ownMs), unit: "x" },
    ],
  };
}
