/** VS Code's YAML support: which schema holds for which file of the record. It lies on the record, where the files and schemas are. */
import { KINDS } from "../../core/paths.ts";
import { entryPiece } from "./entry-piece.ts";
import type { Target } from "./target.ts";

export const editor: Target = {
  pieces: async () => [
    entryPiece({
      place: "record",
      path: ".vscode/settings.json",
      entries: Object.values(KINDS).map(({ schema, path }) => ({
        at: ["yaml.schemas", `./.owp/schemas/${schema}.json`],
        value: globOf(path("x")),
      })),
    }),
  ],
};

/** `owp.yaml`, or all files below the kind's folder. */
const globOf = (example: string): string =>
  example.includes("/") ? `${example.split("/")[0]}/**/*.yaml` : example;
