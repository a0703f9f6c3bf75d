/** A heartbeat as the YAML of its commit's message. Loaded where there is one to read or to write: few commands have one. */
import { parse, stringify } from "yaml";
import type { Heartbeat } from "../generated/types.ts";
import validate from "../generated/validators/heartbeat.js";

/** null: it is none. */
export function readHeartbeatText(text: string): Heartbeat | null {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0 });
    return validate(value) ? (value as Heartbeat) : null;
  } catch {
    return null;
  }
}

export const writeHeartbeatText = (heartbeat: Heartbeat): string => stringify(heartbeat, { lineWidth: 0 });
