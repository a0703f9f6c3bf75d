/** The one way from the command line to the engine; loaded when a command needs a hub. */
export { openHub } from "../lib/open.ts";
