/** How long the command takes to answer when it has nothing to do, against Node with no program at all. */
import { paired } from "./pairs.ts";
import type { Section } from "./section.ts";
import { OWP, succeed } from "./stage.ts";

const ROUNDS = 15;
const LIMIT = { at: "most", value: 1.35 } as const;

export async function startup(): Promise<Section> {
  const bare = async () => (await succeed(process.execPath, ["-e", "0"])).ms;
  const section: Section = { name: "start-up, against node -e 0", rows: [] };
  for (const words of [["--help"], ["--version"], ["claim", "--help"]]) {
    const { first, ratio } = await paired(
      ROUNDS,
      async () => (await succeed(process.execPath, [OWP, ...words])).ms,
      bare,
    );
    const what = `owp ${words.join(" ")}`;
    section.rows.push(
      { what, value: ratio, unit: "x", ...(words.length === 1 && { limit: LIMIT }) },
      { what, value: first, unit: "ms" },
    );
  }
  return section;
}
