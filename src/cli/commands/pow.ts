/** `owp pow solve|verify`: a challenge by hand. The acts that need proof of work solve theirs by themselves. */
import { leadingZeroBits, POW_ALGORITHM, powHash } from "../../core/pow.ts";
import { refuse } from "../../core/refusal.ts";
import { type Command, type InputSchema, local, refused } from "../command.ts";

const SEED: InputSchema = { type: "string", description: "The challenge's seed in hex." };
const BITS: InputSchema = {
  type: "integer",
  minimum: 1,
  maximum: 64,
  description: "Leading zero bits that the hash must have, 1 to 64.",
};

const plain = (name: string, summary: string, examples: string[]) => ({
  name: `pow ${name}`,
  group: "decide" as const,
  summary,
  args: [],
  examples,
  offline: false,
});

const badSeed = (seed: unknown) =>
  /^([0-9a-f]{2}){1,64}$/i.test(String(seed))
    ? undefined
    : refused(
        refuse("invalid_input", "--seed must be 1 to 64 bytes in hex. Nothing was done.", {
          data: { field: "seed" },
        }),
      );

export const pow: readonly Command[] = [
  {
    ...plain("solve", "Find the nonce of a challenge, on all cores", [
      "owp pow solve --seed f47ac10b58cc4372a5670e02b2af632e --bits 12",
    ]),
    type: "local",
    load: async () => ({
      schema: {
        properties: {
          seed: SEED,
          bits: BITS,
          from: { type: "integer", minimum: 0, description: "The first nonce to try; 0 by default." },
        },
        required: ["seed", "bits"],
      },
      run: async ({ input, io, runOptions }) => {
        const wrong = badSeed(input.seed);
        if (wrong) return wrong;
        const { solve } = await import("../../lib/pow/solve.ts");
        const { workReporter } = await import("../../lib/pow/reporter.ts");
        const [seed, difficulty] = [String(input.seed).toLowerCase(), Number(input.bits)];
        const options = { abort: io.abort, onProgress: workReporter(difficulty, runOptions().onProgress) };
        const found = await solve({ seed, difficulty, from: Number(input.from ?? 0) }, options);
        if ("nonce" in found)
          return local({ algorithm: POW_ALGORITHM, seed, bits: difficulty, nonce: found.nonce });
        return refused(
          refuse("canceled", `Stopped; every nonce below ${found.stoppedAt} was tried.`, {
            hint: `owp pow solve --seed ${seed} --bits ${difficulty} --from ${found.stoppedAt}`,
          }),
        );
      },
    }),
  },
  {
    ...plain("verify", "Check a nonce with one hash", [
      "owp pow verify --seed f47ac10b58cc4372a5670e02b2af632e --bits 12 --nonce 3431",
    ]),
    type: "local",
    load: async () => ({
      schema: {
        properties: {
          seed: SEED,
          bits: BITS,
          nonce: { type: "string", pattern: "^(0|[1-9]\\d{0,19})$", description: "The nonce, in decimal." },
        },
        required: ["seed", "bits", "nonce"],
      },
      run: async ({ input }) => {
        const wrong = badSeed(input.seed);
        if (wrong) return wrong;
        const hash = powHash(String(input.seed).toLowerCase(), String(input.nonce));
        const [has, bits] = [leadingZeroBits(hash), Number(input.bits)];
        if (has >= bits) return local({ valid: true, hash, leading_zero_bits: has });
        return refused(
          refuse("pow_invalid", `The hash has ${has} leading zero bits, and ${bits} are asked for.`, {
            hint: "owp pow solve finds a nonce that fits",
            data: { hash, leading_zero_bits: has },
          }),
        );
      },
    }),
  },
];
