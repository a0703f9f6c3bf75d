/** Origin against upstream: in a clone of a fork the record is usually another remote's, and a copy of it goes stale unseen. */
import { faultRefusal } from "../../engine/git/errors.ts";
import { listRefs } from "../../engine/git/probe.ts";
import { dropFetchRefs, newFetchRefs } from "../../engine/git/refs.ts";
import { type GitRemote, REMOTE } from "../../engine/git/remote.ts";
import { settingOf } from "../../engine/git/settings.ts";
import { remoteNames, remoteUrl } from "../../engine/git/url.ts";
import type { Oid } from "../../engine/ports.ts";
import { commitsBetween } from "../../engine/walk.ts";
import { remoteOf } from "../open.ts";
import { type CheckRow, count, type Finding, fine, type Patient, row } from "./check.ts";

/** What those who fork call the repository that they forked. */
const UPSTREAM = "upstream";
/** Other remotes that are asked, where the own one has no record. */
const ASKED_LIMIT = 3;
const TIMEOUT_MS = 120_000;

type Forked = Patient &
  Required<Pick<Patient, "repository" | "store" | "settings" | "target" | "branch" | "fetched">>;

/** Another remote, and where its record stands. */
interface Other {
  name: string;
  remote: GitRemote;
  tip: Oid;
}

export const FORK_CHECK: CheckRow = row(
  "other remotes",
  ["repository", "store", "settings", "target", "branch", "fetched"],
  async (patient) => {
    const { settings, target, fetched, place } = patient;
    const own = target.name ?? "this repository";
    const names = remoteNames(settings).filter((name) => name !== target.name);
    if (names.length === 0) return fine("none");
    const isChosen = place.remote !== undefined || settingOf(settings, "owp.remote") !== undefined;
    const asked =
      fetched.record === null ? names.slice(0, ASKED_LIMIT) : isChosen ? [] : names.filter(isUpstream);
    const { others, silent } = await recordsOn(asked, patient);
    const [other] = others;
    if (!other) return fine([`${own} is the one that counts`, ...silent].join("; "));
    if (fetched.record !== null) return compare(patient, own, fetched.record, other);
    (patient as Patient).elsewhere = other.name;
    return {
      state: "warning",
      message: `${own} has no record, and ${other.name} has one: this is a clone of a fork, or the record is kept elsewhere.`,
      hint: pointTo(other.name),
    };
  },
);

const isUpstream = (name: string) => name === UPSTREAM;

const pointTo = (name: string) =>
  `git config owp.remote ${name}; without the right to push there reading works, and owp add --patch <file> writes changes for someone who may`;

async function recordsOn(
  names: readonly string[],
  patient: Forked,
): Promise<{ others: Other[]; silent: string[] }> {
  const { repository, store, settings, branch } = patient;
  const others: Other[] = [];
  const silent: string[] = [];
  for (const name of names) {
    const target = remoteUrl(repository, settings, name);
    if (!target.ok) continue;
    const remote = remoteOf(repository, store, settings, target, branch);
    const listed = await listRefs(remote, [remote.record]);
    if (!listed.ok) silent.push(faultRefusal(listed.fault, { remote: name, branch, doing: "read" }).message);
    const tip = listed.ok ? listed.refs.get(remote.record) : undefined;
    if (tip !== undefined) others.push({ name, remote, tip });
  }
  return { others, silent };
}

/** Two records: the same, one a copy of the other that lags or goes its own way, or two that have nothing in common. */
async function compare(
  { store }: Forked,
  own: string,
  mine: Oid,
  { name, remote, tip }: Other,
): Promise<Finding> {
  if (mine === tip) return fine(`${name} has the same record, at the same commit`);
  const refs = newFetchRefs();
  try {
    const fetched = await remote.git(
      [
        "fetch",
        "--quiet",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-tags",
        REMOTE,
        `+${remote.record}:${refs}/other`,
      ],
      { timeoutMs: TIMEOUT_MS },
    );
    if (fetched.code !== 0) return fine(`${own}; ${name} has a record too, which could not be fetched`);
    const behind = await commitsBetween(store, mine, tip);
    const ahead = await commitsBetween(store, tip, mine);
    if (behind.commits.some(({ parents }) => parents.length === 0))
      return fine(`${own}; ${name} has a record of its own, which is another one`);
    const parts = [
      behind.commits.length > 0 && `${count(behind.commits.length, "commit")} behind ${name}'s`,
      ahead.commits.length > 0 && `${count(ahead.commits.length, "commit")} of its own ahead of it`,
    ].filter(Boolean);
    return {
      state: "warning",
      message: `${own}'s record is a copy of ${name}'s, ${parts.join(" and ")}: claims and changes in a copy are not seen by those who work with ${name}.`,
      hint: pointTo(name),
    };
  } finally {
    dropFetchRefs(store.path, refs);
  }
}
