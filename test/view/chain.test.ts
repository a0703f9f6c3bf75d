import { expect, test } from "vitest";
import type { Traced } from "../../src/domain/trace/trace.ts";
import { mermaid, refs, trace } from "../../src/view/chain.ts";
import { NOW } from "../helpers/record.ts";

const look = { color: false, width: 100, now: NOW, compact: false };
const run = {
  kind: "Run" as const,
  id: "rn_1",
  short: "e001",
  title: 'a "quoted" [run]',
  facts: { status: "done", actor: "ada" },
};
const issue = {
  kind: "Issue" as const,
  id: "t_1",
  short: "0001",
  title: "Add\n/healthz",
  facts: { status: "done" },
};
const rule = {
  ...{ kind: "DoctrineRef" as const, id: "dr_1", short: "d001", title: "Probe." },
  facts: { priority: "must", namespace: "ops", name: "probes", version: "1" },
};
const gone = { kind: "ContextPacket" as const, id: "cp_1", short: "c001", facts: {} };
const traced: Traced = {
  ...{
    kind: "Artifact",
    id: "ar_1",
    short: "a001",
    title: "pull request",
    facts: { type: "pr", uri: "https://example.org/7" },
  },
  comes_from: [
    {
      ...run,
      next: [
        { ...issue, next: [{ ...rule, next: [] }], more: { DoctrineRef: 3 } },
        { ...gone, next: [] },
        { ...rule, next: [], above: true },
      ],
    },
  ],
  led_to: [],
};

test("a trace is a tree, and says what is above, missing or left out", () => {
  expect(trace.render(traced, look)).toBe(`artifact a001 pull request (pr https://example.org/7)
comes from
  run e001 a "quoted" [run] (done ada)
    issue 0001 Add /healthz (done)
      doctrine d001 Probe. (must ops probes 1)
      and 3 more: doctrine
    context packet c001 (not there)
    doctrine d001 Probe. (must ops probes 1) (see above)
led to nothing`);
});

test("a Mermaid diagram has each object and each arrow once, from cause to effect, with nothing that breaks it", () => {
  expect(mermaid.render(traced, look)).toBe(`flowchart LR
  ar_1["artifact a001<br/>pull request<br/>pr https://example.org/7"]
  rn_1["run e001<br/>a #34;quoted#34; #91;run#93;<br/>done ada"]
  t_1["issue 0001<br/>Add /healthz<br/>done"]
  dr_1["doctrine d001<br/>Probe.<br/>must ops probes 1"]
  cp_1["context packet c001<br/>(not there)"]
  rn_1 --> ar_1
  t_1 --> rn_1
  dr_1 --> t_1
  cp_1 --> rn_1
  dr_1 --> rn_1
  style ar_1 stroke-width:3px`);
});

test("refs say the field and the role, for people in columns and for programs in lines", () => {
  const found = {
    ...{ kind: "DoctrineRef" as const, id: "dr_1", short: "d001", offset: 0, by_kind: { Run: 2 } },
    refs: [{ ...run, field: "inputs.doctrine_refs", role: "governing" }],
  };
  expect(
    refs.render({ ...found, total: 2 }, look),
  ).toBe(`kind  id    field                              facts     title
run   e001  inputs.doctrine_refs as governing  done ada  a "quoted" [run]
2 objects point to doctrine d001: 1–1 of 2 (more with --offset 1 or --limit)`);
  expect(
    refs.render({ ...found, total: 1 }, { ...look, compact: true }),
  ).toBe(`run e001 inputs.doctrine_refs as governing: a "quoted" [run]
1 object points to doctrine d001`);
  expect(refs.render({ ...found, refs: [], total: 0 }, look)).toBe("nothing points to doctrine d001");
});
