/** Results that are a text already: help, completion scripts. */
import type { View } from "./look.ts";

export const text: View<{ text: string }> = { raw: true, render: (result) => result.text };
