/** Limits of the git store. */

/** A larger object is cut off here: whatever reads it refuses texts far smaller than this. */
export const OBJECT_LIMIT_BYTES = 32 * 1024 * 1024;
/** More objects than this are written as one pack: files cost more than bytes, but a store of many packs is slow to read. */
export const LOOSE_LIMIT = 16;
/** So few objects are looked for among the loose ones first; more go to git at once. */
export const LOOSE_READ_LIMIT = 64;
