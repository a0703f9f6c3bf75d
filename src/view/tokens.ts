/**
 * How much of a reader's context a text takes. Each model has a tokenizer of its own and none is asked; counted is what
 * they have in common: up to six letters of a word, up to three digits, the blank before a number, and every sign are
 * one token each, a line break is half of one. A letter of another script is one, a character beyond the basic plane
 * (emoji) three; and no text has fewer than one for four characters. On what owp prints this is within a tenth of what the tokenizers of GPT-4 count (test/view/tokens.test.ts).
 */

// Letters, digits with the blank before them, a sign, a line break, anything that is not ASCII.
const PIECE = /([A-Za-z]+)|( ?)([0-9]+)|([!-/:-@[-`{-~])|(\n)|([^\0-\x7f])/gu;
const LETTERS = 6;
const DIGITS = 3;
/** Characters for which there is one token at the least. */
const CHARACTERS = 4;

export function tokens(text: string): number {
  let sum = 0;
  for (const piece of text.matchAll(PIECE)) sum += cost(piece);
  return Math.ceil(Math.max(sum, text.length / CHARACTERS));
}

function cost([, letters, blank, digits, sign, lineBreak, other = ""]: RegExpMatchArray): number {
  if (letters) return Math.max(1, letters.length / LETTERS);
  if (digits) return Math.ceil(digits.length / DIGITS) + (blank ? 1 : 0);
  if (sign) return 1;
  if (lineBreak) return 1 / 2;
  return (other.codePointAt(0) ?? 0) < 0x10000 ? 1 : 3;
}

/** A text on one line, cut to at most so many tokens, with an ellipsis where it is cut. */
export function cutTokens(line: string, limit: number): string {
  const text = line.slice(0, Math.max(0, limit - 1) * CHARACTERS);
  if (tokens(line.slice(0, (limit + 1) * CHARACTERS)) <= limit) return line;
  let room = limit - tokens("…");
  let end = 0;
  for (const piece of text.matchAll(PIECE)) {
    const [whole, letters] = piece;
    const needs = cost(piece);
    if (needs > room) {
      if (letters && room >= 1) end = piece.index + Math.floor(room * LETTERS);
      break;
    }
    room -= needs;
    end = piece.index + whole.length;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}
