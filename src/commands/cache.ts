// `groupwise cache`: what is in a verdict cache, copied out, copied in, removed. Verdicts are paid for, so nothing is removed
// that the command line does not name.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Command } from 'commander';

import { VERDICTS_FILE } from '../adapters/sqlite.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { openVerdictCache, parseVerdictCacheUrl } from '../adapters/verdict-cache-url.ts';
import { readSettings } from '../config.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import type { StoredVerdict, VerdictArchive } from '../ports/verdict-cache.ts';
import { exportVerdicts, importVerdicts } from './cache-files.ts';
import { type CacheStats, statsOf } from './cache-stats.ts';
import { dataDirOf, formatCount, printJson, printLine, withDataOption, withJsonOption } from './options.ts';
import { scorerConfigOf } from './scorer-config.ts';

interface Flags {
  readonly data?: string;
  readonly json?: true;
  readonly cache?: string;
  readonly scorers?: string;
}

interface ClearFlags extends Flags {
  readonly all?: true;
  readonly template?: string;
  readonly model?: string;
}

/** Deleted at a time. */
const BATCH = 1_000;

export function registerCache(program: Command): void {
  const cache = program
    .command('cache')
    .description('Show, copy and clear the cache of paid verdicts')
    .addHelpText(
      'after',
      '\nA running server keeps what it looked up lately in memory: it sees a clear or an import when it starts again.',
    );
  registerStats(cache);
  registerExport(cache);
  registerImport(cache);
  registerClear(cache);
}

function withCacheOptions(command: Command): Command {
  return withJsonOption(withDataOption(command))
    .option(
      '--cache <url>',
      'sqlite: (in the data directory), redis://…, rediss://… or postgres://…; ?ttl=30d leaves out older verdicts ' +
        '(default: what --scorers says, or sqlite:)',
    )
    .option('--scorers <file>', 'the file that the server has: its cache is looked into (GROUPWISE_SCORERS)');
}

function registerStats(cache: Command): void {
  withCacheOptions(
    cache.command('stats').description('Count verdicts by judge model and template, and what was paid'),
  ).action((flags: Flags) =>
    withCache(flags, { mayMake: false }, async (archive) => {
      const stats = await statsOf(archive.entries());
      const bytes = archive.kind === 'sqlite' ? bytesOf(flags) : undefined;
      if (flags.json) return printJson({ kind: archive.kind, ...stats, file_bytes: bytes ?? null });
      printStats(archive.kind, stats, bytes);
    }),
  );
}

function registerExport(cache: Command): void {
  withCacheOptions(
    cache.command('export').description('Write all verdicts to a file, one JSON object a line'),
  )
    .argument('<file>', 'FILE.jsonl, also with .gz or .zst')
    .option('--overwrite', 'replace the file when it is there')
    .action((file: string, flags: Flags & { readonly overwrite?: true }) =>
      withCache(flags, { mayMake: false }, async (archive) => {
        const written = await exportVerdicts(archive, file, { mayReplace: flags.overwrite ?? false });
        if (flags.json) return printJson({ file, ...written });
        printLine(`Wrote ${formatCount(written.verdicts)} verdicts to "${file}"`);
      }),
    );
}

function registerImport(cache: Command): void {
  withCacheOptions(
    cache.command('import').description('Add the verdicts of an exported file; a known key is overwritten'),
  )
    .argument('<file>', 'as export wrote it')
    .action((file: string, flags: Flags) =>
      withCache(flags, { mayMake: true }, async (archive) => {
        const verdicts = await importVerdicts(archive, file);
        if (flags.json) return printJson({ file, verdicts });
        printLine(`Read ${formatCount(verdicts)} verdicts from "${file}"`);
      }),
    );
}

function registerClear(cache: Command): void {
  withCacheOptions(cache.command('clear').description('Remove verdicts: judges are asked, and paid, again'))
    .option('--all', 'all verdicts')
    .option('--template <name>', 'only verdicts of this template, for example equivalence or equivalence@3')
    .option('--model <name>', 'only verdicts of this model')
    .action((flags: ClearFlags) => {
      const hasFilter = flags.template !== undefined || flags.model !== undefined;
      if (hasFilter === (flags.all ?? false)) {
        throw invalidArgument('all', 'Cannot clear the cache: say --all, or --template or --model');
      }
      return withCache(flags, { mayMake: false }, async (archive) => {
        const removed = await removeWhere(archive, (verdict) => isNamed(verdict, flags));
        if (flags.json) return printJson({ verdicts_removed: removed });
        printLine(`Removed ${formatCount(removed)} verdicts`);
      });
    });
}

async function withCache(
  flags: Flags,
  { mayMake }: { readonly mayMake: boolean },
  work: (archive: VerdictArchive) => Promise<void>,
): Promise<void> {
  const url = cacheOf(flags);
  const { kind } = parseVerdictCacheUrl(url);
  const dataDir = dataDirOf(flags);
  if (kind === 'memory') {
    throw invalidArgument('cache', 'Cannot look into "memory:": it is gone with the process that has it');
  }
  if (kind === 'sqlite' && !mayMake && !existsSync(join(dataDir, VERDICTS_FILE))) {
    throw new EnvError('not_found', `There are no verdicts in "${dataDir}"`);
  }
  const clock = new SystemClock();
  const archive = await openVerdictCache({ url, dataDir, now: () => clock.now() });
  try {
    await work(archive);
  } finally {
    await archive.close();
  }
}

/** The cache that a server with the same environment writes to, unless another one is named. */
function cacheOf({ cache, scorers }: Flags): string {
  return cache ?? scorerConfigOf(readSettings({ scorers })).cache;
}

/** `equivalence` names all versions of a template, `equivalence@3` all wordings that were called that. */
function isNamed({ template, model }: StoredVerdict, flags: ClearFlags): boolean {
  const name = flags.template;
  if (flags.model !== undefined && model !== flags.model) return false;
  return name === undefined || template === name || ['@', '-'].some((end) => template.startsWith(name + end));
}

async function removeWhere(
  archive: VerdictArchive,
  isMeant: (verdict: StoredVerdict) => boolean,
): Promise<number> {
  let removed = 0;
  let keys: string[] = [];
  const flush = async (): Promise<void> => {
    await archive.deleteMany(keys);
    removed += keys.length;
    keys = [];
  };
  for await (const { key, verdict } of archive.entries()) {
    if (isMeant(verdict)) keys.push(key);
    if (keys.length === BATCH) await flush();
  }
  await flush();
  return removed;
}

/** The database with its write-ahead log. */
function bytesOf(flags: Flags): number {
  return ['', '-wal']
    .map((suffix) => statSync(join(dataDirOf(flags), VERDICTS_FILE + suffix), { throwIfNoEntry: false }))
    .reduce((sum, stats) => sum + (stats?.size ?? 0), 0);
}

function printStats(kind: string, stats: CacheStats, bytes: number | undefined): void {
  const size = bytes === undefined ? '' : `, ${formatCount(Math.ceil(bytes / 1024))} KiB`;
  printLine(`${formatCount(stats.verdicts)} verdicts in ${kind}${size}`);
  if (stats.oldest !== null) printLine(`  asked     from ${stats.oldest} to ${stats.newest}`);
  const unknown = stats.cost_unknown === 0 ? '' : `, and ${formatCount(stats.cost_unknown)} of unknown price`;
  printLine(`  paid      $${stats.cost_usd.toFixed(6)}${unknown}`);
  for (const { template, model, verdicts } of stats.by_template) {
    printLine(`  ${formatCount(verdicts).padStart(9)} ${template}, ${model}`);
  }
}
