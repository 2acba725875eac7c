// Options and printing that several commands share, so that `--data` and `--json` mean the same everywhere.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Command, InvalidArgumentError } from 'commander';

import { DATABASE_FILE } from '../adapters/sqlite.ts';
import { defaultOf, readSettings, SETTINGS } from '../config.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';

/** Adds `--data DIR`; `dataDirOf` reads it, after the flag the environment variable, then the default. */
export function withDataOption(command: Command): Command {
  const setting = SETTINGS.find(({ key }) => key === 'data');
  if (setting === undefined) throw new Error('SETTINGS has the data directory');
  return command.option(setting.flag, `data directory (${setting.variable}, default: ${defaultOf(setting)})`);
}

export function dataDirOf(flags: { readonly data?: string | undefined }): string {
  return readSettings({ data: flags.data }).data;
}

/**
 * The data directory for a command that only looks into it: opening a store makes it, and a misspelt name must not.
 *
 * @throws EnvError `not_found`
 */
export function requireDataDir(flags: { readonly data?: string | undefined }): string {
  const dataDir = dataDirOf(flags);
  if (existsSync(join(dataDir, DATABASE_FILE))) return dataDir;
  throw new EnvError('not_found', `There is no data directory "${dataDir}": groupwise import makes one`);
}

/** Adds `--json`: one line of JSON on standard output and nothing else there. */
export function withJsonOption(command: Command): Command {
  return command.option('--json', 'print one line of JSON');
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** For what is said beside the result: notes, warnings, progress. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Parser of an option that counts things. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('Not a whole number.');
  return value;
}

/** Parser of an option that is any number. */
export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Not a number.');
  return value;
}

/** Parser of an option that is a time, a rate, a size. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be above 0.');
  return value;
}

/** The same where there may be none of it. */
export function atLeastZero(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be at least 0.');
  return value;
}

/** Parser of an option that is a share of something. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('Not a number from 0 to 1.');
  return value;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Named counts in one line: "train 1,200, test 119". */
export function formatCounts(counts: readonly { readonly name: string; readonly count: number }[]): string {
  return counts.map(({ name, count }) => `${name} ${formatCount(count)}`).join(', ');
}

/**
 * The value of an option that takes a name, JSON, or @FILE with JSON in it. A name comes back as a string.
 *
 * @throws EnvError `invalid_argument` that names the option
 */
export function nameOrJson(option: string, text: string): unknown {
  const isFile = text.startsWith('@');
  if (!isFile && !text.trimStart().startsWith('{')) return text;
  try {
    return JSON.parse(isFile ? readFileSync(text.slice(1), 'utf8') : text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(option, `Cannot read ${option}: ${reason}`);
  }
}

/**
 * A file that a command writes must not be there unless the caller said so: it may be the very file to read.
 *
 * @throws EnvError `already_exists`
 */
export function requireFree(path: string | undefined, { overwrite }: { readonly overwrite?: true }): void {
  if (path === undefined || overwrite === true || !existsSync(path)) return;
  throw new EnvError(
    'already_exists',
    `Cannot write "${path}": it is there already (--overwrite replaces it)`,
  );
}

/** @throws EnvError `invalid_argument` that names the option when the file cannot be read */
export function readPem(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new EnvError('invalid_argument', `Cannot use ${flag}: "${path}" cannot be read`, {
      field: flag,
      cause: error,
    });
  }
}
