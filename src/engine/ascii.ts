/** JSON of single bytes: files of them are read several times as fast. */
const NOT_ASCII = /[\u0080-\uffff]/g;
const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

export const asciiJson = (value: unknown): string => JSON.stringify(value).replace(NOT_ASCII, escaped);
