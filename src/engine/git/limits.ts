/** Limits of the git store. */

/** A larger object is cut off here: whatever reads it refuses texts far smaller than this. */
export const OBJECT_LIMIT_BYTES = 32 * 1024 * 1024;
/** More objects than this are written as one pack. */
export const LOOSE_LIMIT = 100;
/** So few objects are looked for among the loose ones first; more go to git at once. */
export const LOOSE_READ_LIMIT = 64;
