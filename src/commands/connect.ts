// `groupwise connect`: the lines that point a trainer at the server that runs, with its addresses, one of its datasets and its columns
// in them. It asks and prints; it changes nothing, and never prints a token.

import { resolve } from 'node:path';
import { cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Tls } from '../client/tls.ts';
import { readSettings } from '../config.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { findServer, type FoundServer } from './connect/find-server.ts';
import type { Guide, Trainer } from './connect/guide.ts';
import { readReward, requireScorable } from './connect/reward.ts';
import type { ServerFacts } from './connect/server-facts.ts';
import { findTrainer, TRAINERS } from './connect/trainers.ts';
import { formatCounts, printJson, printLine, readPem, withDataOption, withJsonOption } from './options.ts';

/** As commander hands them over. */
interface Flags {
  readonly data?: string;
  readonly grpc?: string;
  readonly http?: string;
  readonly token?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly dataset?: string;
  readonly reward?: string;
  readonly json?: true;
}

export function registerConnect(program: Command): void {
  const command = program
    .command('connect')
    .description('Print the lines that point a trainer at the running server')
    .argument('[trainer]', 'whose lines; without it: the list');
  withJsonOption(withDataOption(command))
    .option(
      '--grpc <host:port>',
      'gRPC door of the server (default: what the server left in the data directory)',
    )
    .option('--http <host:port>', 'REST door of the server (default: the same)')
    .option('--token <token>', 'bearer token of the server (GROUPWISE_TOKEN); it is never printed')
    .option('--tls', 'the doors speak TLS, with certificates that this system trusts')
    .option(
      '--tls-ca <file>',
      'the doors speak TLS, with a certificate that those in this PEM file vouch for',
    )
    .option('--dataset <name>', 'what is trained on (default: the first dataset of the server)')
    .option('--reward <recipe>', 'scorer or recipe (JSON, or @FILE) in place of what each row is scored by')
    .addHelpText('after', `\nTrainers:\n${trainerList()}`)
    .action(connect);
}

async function connect(name: string | undefined, flags: Flags): Promise<void> {
  if (name === undefined) {
    if (flags.json === true)
      printJson({ trainers: TRAINERS.map(({ name: each, summary }) => ({ name: each, summary })) });
    else printLine(`groupwise connect TRAINER, with one of these:\n\n${trainerList()}`);
    return;
  }
  const trainer = findTrainer(name);
  const reward = flags.reward === undefined ? undefined : readReward(flags.reward);
  const { grpc, http, token, data } = flags;
  const settings = readSettings({ grpc, http, token, data });
  const tls = tlsOf(flags);
  const found = await findServer({
    grpc,
    http,
    tls,
    tlsCa: flags.tlsCa === undefined ? undefined : resolve(flags.tlsCa),
    settings,
  });
  const { http: url, scorers } = found;
  if (reward !== undefined && scorers !== undefined) requireScorable(reward, { http: url, scorers });
  const facts = factsOf(found, { flags, reward: reward?.text });
  requireWhatItNeeds(trainer, facts);
  print(trainer, facts, trainer.guide(facts), flags.json === true);
}

function trainerList(): string {
  const width = Math.max(...TRAINERS.map(({ name }) => name.length));
  return TRAINERS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

/** @throws EnvError `invalid_argument` for a file that cannot be read */
function tlsOf({ tls, tlsCa }: Flags): Tls | undefined {
  return tlsCa === undefined ? tls : { rootCertificates: readPem('--tls-ca', tlsCa) };
}

function factsOf(
  found: FoundServer,
  { flags, reward }: { readonly flags: Flags; readonly reward: string | undefined },
): ServerFacts {
  const names = found.datasets.map(({ name }) => name);
  const dataset = found.datasets.find(({ name }) => name === (flags.dataset ?? names[0]));
  if (dataset === undefined && flags.dataset !== undefined) {
    throw invalidArgument(
      '--dataset',
      `The server at ${found.http} has no dataset "${flags.dataset}": it has ${names.join(', ') || 'none'}`,
    );
  }
  if (dataset === undefined) {
    throw new EnvError(
      'failed_precondition',
      `The server at ${found.http} has no dataset yet: groupwise import FILE --name NAME makes one`,
    );
  }
  return { ...found, dataset, datasets: names, reward, here: cwd(), ...ownFiles() };
}

function ownFiles(): Pick<ServerFacts, 'home' | 'pythonClient' | 'examples'> {
  return {
    home: fileURLToPath(new URL('../..', import.meta.url)),
    pythonClient: ownPath('clients/python'),
    examples: ownPath('examples'),
  };
}

function ownPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

function requireWhatItNeeds(trainer: Trainer, { grpc, http, version, calls }: ServerFacts): void {
  if (trainer.door === 'grpc' && grpc === undefined) {
    throw new EnvError(
      'unavailable',
      `${trainer.title} is scored over gRPC, and no gRPC door answers: say where it is with --grpc`,
    );
  }
  if (trainer.call !== undefined && !calls.includes(trainer.call)) {
    throw new EnvError(
      'failed_precondition',
      `The server at ${http}, version ${version}, does not speak with ${trainer.title}: it has no call ${trainer.call}`,
    );
  }
}

function print(trainer: Trainer, facts: ServerFacts, { blocks, traps }: Guide, isJson: boolean): void {
  const { grpc, http, version, dataset, datasets, needsToken } = facts;
  if (isJson) {
    printJson({
      trainer: trainer.name,
      server: {
        version,
        grpc: grpc ?? null,
        http,
        needs_token: needsToken,
        tls: facts.tls !== undefined,
        open_to_others: facts.isOpenToOthers,
      },
      dataset: { name: dataset.name, version: dataset.version, splits: dataset.splits },
      blocks,
      traps,
      docs: trainer.docs,
      example: trainer.example ?? null,
    });
    return;
  }
  const door = trainer.door === 'grpc' ? `gRPC at ${grpc ?? ''}` : `REST at ${http}`;
  printLine(`${trainer.title} with Groupwise ${version}, ${door}`);
  printLine(`Dataset "${dataset.name}" (${formatCounts(dataset.splits)})${others(dataset.name, datasets)}`);
  blocks.forEach(({ title, text }, index) => printLine(`\n${index + 1}. ${title}\n\n${text}`));
  printLine('');
  if (facts.isOpenToOthers) {
    printLine(
      `Mind: The server listens on all addresses: elsewhere, put the name of this machine in place of ${hostOf(http)}.`,
    );
  }
  for (const trap of traps) printLine(`Mind: ${trap}`);
  printLine(
    `More: ${[trainer.docs, ...(trainer.example === undefined ? [] : [trainer.example])].join(', ')}`,
  );
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}

function others(name: string, datasets: readonly string[]): string {
  const rest = datasets.filter((each) => each !== name);
  return rest.length === 0 ? '' : `; --dataset takes another one: ${rest.join(', ')}`;
}
