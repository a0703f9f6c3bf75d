/** Forged histories where the policy asks for signatures: each caught by one rule alone. */
import { type Forged, policy, type Row, repo, task, type Value, worker } from "../support.ts";

const keyOf = (name: string) => `ssh-ed25519 ${Buffer.from(name.padEnd(40, "=")).toString("base64")}`;
const REQUIRED = policy({ governance: { signatures: { required: true } } });
const ADA = worker("ada", 1, { ssh_key: keyOf("ada") });
const BOB = worker("bob", 2, { ssh_key: keyOf("bob") });
const ROOT = worker("root", 3, { trust_tier: "maintainer", ssh_key: keyOf("root") });
const CYD = worker("cyd", 4);
const BASE: readonly Value[] = [REQUIRED, repo(), ADA, BOB, ROOT, CYD];

/** A change, signed with the key of someone or not at all. */
const signed = (after: readonly Value[], by: string | undefined, more: Partial<Forged> = {}): Forged => {
  const paths = new Set(after.map(({ kind, ...one }) => `${kind} ${"name" in one ? one.name : ""}`));
  const kept = BASE.filter(({ kind, ...one }) => !paths.has(`${kind} ${"name" in one ? one.name : ""}`));
  return {
    before: BASE,
    after: [...kept, ...after],
    ...(by === undefined ? {} : { signed: { key: keyOf(by) } }),
    ...more,
  };
};
const as = (actor: string): Partial<Forged> => ({ entry: { actor } });

export const SIGNED_SOUND: readonly [name: string, forged: Forged][] = [
  ["its actor signs an operation", signed([task()], "ada", as("ada"))],
  ["a member signs an edit", signed([task()], "bob")],
  ["a member signs a merge", signed([task()], "root", { parents: 2 })],
  [
    "a worker gives itself its first key, and signs with it",
    signed([{ ...CYD, ssh_key: keyOf("cyd") }], "cyd", as("cyd")),
  ],
  [
    "a new worker registers with a key",
    signed([worker("eve", 5, { ssh_key: keyOf("eve") })], "eve", as("eve")),
  ],
  ["the old key signs its own replacement", signed([{ ...ADA, ssh_key: keyOf("ada2") }], "ada", as("ada"))],
  [
    "the record begins, and the policy asks for signatures from the next commit on",
    {
      before: [],
      after: [REQUIRED, ROOT],
      parents: 0,
      ...as("root"),
      operations: [{ events: ["task.any"], touches: ["*"] }],
    },
  ],
  [
    "signatures are asked for, and a maintainer has a key",
    { before: [policy(), ROOT], after: [REQUIRED, ROOT], ...as("root") },
  ],
  [
    "nobody asks",
    { ...signed([task()], "eve", as("ada")), before: [policy(), ADA], after: [policy(), ADA, task()] },
  ],
  [
    "signatures are asked for no more, which is signed for the last time",
    { ...signed([], "root", as("root")), after: [policy(), ...BASE.slice(1)] },
  ],
];

export const SIGNATURE_ROWS: readonly Row[] = [
  ["unsigned", "an operation", signed([task()], undefined, as("ada"))],
  ["unsigned", "an edit", signed([task()], undefined)],
  ["unsigned", "a merge", signed([task()], undefined, { parents: 2 })],
  [
    "unsigned",
    "a signature that does not fit",
    signed([task()], undefined, { ...as("ada"), signed: { fault: "it does not fit" } }),
  ],
  [
    "unsigned",
    "the commit that ends the demand: the policy before it judges",
    { ...signed([], undefined, as("root")), after: [policy(), ...BASE.slice(1)] },
  ],
  ["signer_other", "in another's name", signed([task()], "bob", as("ada"))],
  ["signer_other", "by someone who has no key on the record", signed([task()], "cyd", as("cyd"))],
  ["signer_other", "an edit by a stranger", signed([task()], "eve")],
  ["signer_other", "a merge by a stranger", signed([task()], "eve", { parents: 2 })],
  [
    "signer_other",
    "a new key signs its own coming",
    signed([{ ...ADA, ssh_key: keyOf("ada2") }], "ada2", as("ada")),
  ],
  [
    "signer_other",
    "an edit by one who is retired",
    (() => {
      const base = BASE.map((one) => (one === BOB ? { ...BOB, status: "retired" as const } : one));
      return { before: base, after: [...base, task()], signed: { key: keyOf("bob") } };
    })(),
  ],
  [
    "signer_other",
    "a member whose file cannot be read",
    {
      before: BASE.filter((one) => one !== ADA),
      after: BASE,
      beforeText: { "workers/ada.yaml": "<<<<<<< mine\n" },
      ...as("ada"),
      signed: { key: keyOf("ada") },
    },
  ],
  [
    "signers_locked_out",
    "no maintainer has a key",
    {
      before: [policy(), ADA, worker("root", 3, { trust_tier: "maintainer" })],
      after: [REQUIRED, ADA, worker("root", 3, { trust_tier: "maintainer" })],
      ...as("root"),
    },
  ],
];
