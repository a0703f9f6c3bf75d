/** Makes the one commander command that is being run. commander reads the arguments; it never prints and never exits. */
import { Command as Commander, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../core/time.ts";
import type { Command, InputSchema } from "./command.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { GLOBALS, type GlobalRow } from "./globals.ts";

export interface Built {
  commander: Commander;
  /** The input's fields by commander's name for their option. */
  fields: Map<string, Field>;
  globals: Map<string, GlobalRow>;
}

const ULID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const INTEGER = /^[+-]?\d{1,15}$/;

export function buildCommander(command: Command, schema: InputSchema): Built {
  const commander = new Commander(`owp ${command.name}`)
    .exitOverride()
    .helpOption(false)
    .allowExcessArguments(true)
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} })
    .action(() => {});
  const built: Built = { commander, fields: new Map(), globals: new Map() };
  for (const field of fieldsOf(schema, command.args)) {
    const option = fieldOption(field);
    built.fields.set(option.attributeName(), field);
    commander.addOption(option);
  }
  for (const row of GLOBALS) {
    const option = globalOption(row, command);
    built.globals.set(option.attributeName(), row);
    commander.addOption(option);
  }
  commander.argument("[words...]");
  return built;
}

export function fieldOption(field: Field): Option {
  const value = field.kind === "boolean" ? "" : ` <${field.placeholder}>`;
  const flag = field.default === true ? field.flag.replace(/^--/, "--no-") : field.flag;
  const option = new Option(`${field.short ? `${field.short}, ` : ""}${flag}${value}`, field.description);
  if (field.kind === "list")
    return option.argParser((text, before: string[] = []) => [...before, ...items(field, text)]);
  if (field.choices) return option.choices(field.choices);
  if (field.kind === "integer" || field.kind === "number")
    return option.argParser((text) => number(field, text));
  if (field.kind === "json") return option.argParser(json);
  return option;
}

export function globalOption(row: GlobalRow, command: Command): Option {
  const option = new Option(row.flags, row.help);
  if (row.shown === "change" && command.type !== "change") option.hideHelp();
  if (row.shown === "offline" && command.type !== "query" && !command.offline) option.hideHelp();
  if (row.kind === "duration") return option.argParser(duration);
  if (row.kind === "ulid") return option.argParser(ulid);
  return option;
}

function items(field: Field, text: string): string[] {
  const parts = field.splits ? text.split(",").map((part) => part.trim()) : [text];
  const given = parts.filter((part) => part !== "" || parts.length === 1);
  for (const part of given) {
    if (field.choices && !field.choices.includes(part)) {
      throw new InvalidArgumentError(`Allowed choices are ${field.choices.join(", ")}.`);
    }
  }
  return given;
}

function number(field: Field, text: string): number {
  const value = field.kind === "integer" && !INTEGER.test(text.trim()) ? Number.NaN : Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`It must be a ${field.kind === "integer" ? "whole number" : "number"}.`);
  }
  return value;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError("It must be JSON.");
  }
}

function duration(text: string): number {
  const length = parseDuration(text);
  if (length === undefined)
    throw new InvalidArgumentError("It must be a duration such as 90s, 15m, 4h or 2d.");
  return length;
}

function ulid(text: string): string {
  const id = text.toLowerCase();
  if (!ULID.test(id)) throw new InvalidArgumentError("It must be a ULID: 26 letters and digits.");
  return id;
}
