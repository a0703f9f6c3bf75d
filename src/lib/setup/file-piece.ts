/** A whole file that is owp's: known by the stamp in it, or by what a JSON file without comments says. */
import { isDeepStrictEqual } from "node:util";
import { KEEP, onLineFeeds, type Piece, type Place, type Step } from "./piece.ts";
import { stampIn } from "./stamp.ts";

interface FilePiece {
  place: Place;
  path: string;
  /** As `stamped` made it. */
  text: string;
  /** What to do where the user has a file of this name: stop, or leave it and, perhaps, say something. */
  foreign?: (text: string) => Step;
}

export function filePiece({ place, path, text: wanted, foreign }: FilePiece): Piece {
  return {
    place,
    path,
    write: (current) =>
      onLineFeeds(current, (text) => {
        if (text === undefined) return { to: "change", text: wanted };
        if (text === wanted) return KEEP;
        const stamp = stampIn(text);
        if (stamp === undefined) return foreign?.(text) ?? inTheWay(path);
        return { to: "change", text: wanted, ...(stamp === "edited" && { edited: true }) };
      }),
    remove: (current) =>
      onLineFeeds(current, (text) => {
        const stamp = text === undefined ? undefined : stampIn(text);
        if (stamp === undefined) return KEEP;
        return { to: "change", text: null, ...(stamp === "edited" && { edited: true }) };
      }),
  };
}

interface JsonFilePiece {
  place: Place;
  path: string;
  value: object;
  /** Whether a file of this path, which says something else than `value`, is one of owp's. */
  isOurs: (value: unknown) => boolean;
}

/** JSON has no comments, and what reads it may refuse keys that it does not know: so there is no stamp. */
export function jsonFilePiece({ place, path, value, isOurs }: JsonFilePiece): Piece {
  const wanted = `${JSON.stringify(value, null, 2)}\n`;
  const step = (current: string | undefined, text: string | null): Step => {
    const there = current === undefined ? undefined : parsed(current);
    if (current === undefined) return text === null ? KEEP : { to: "change", text };
    if (isDeepStrictEqual(there, value)) return text === null ? { to: "change", text } : KEEP;
    if (!isOurs(there)) return text === null ? KEEP : inTheWay(path);
    return { to: "change", text, edited: true };
  };
  return { place, path, write: (text) => step(text, wanted), remove: (text) => step(text, null) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const inTheWay = (path: string): Step => ({
  to: "stop",
  message: `${path} is there already, and owp setup did not write it.`,
  hint: `rename ${path} or delete it, and run it again`,
});
