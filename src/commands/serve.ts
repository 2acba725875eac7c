// `groupwise serve`: both doors over one data directory, until it is told to stop.

import type { Command } from 'commander';
import { createLog } from '../adapters/pino-log.ts';
import { defaultOf, readSettings, SETTINGS, type Settings } from '../config.ts';
import { endBy } from './exit-status.ts';
import { printJson, printLine, withJsonOption } from './options.ts';
import { type ServerAddresses, startServer } from './server.ts';

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('Serve both doors over one data directory')
    .description(
      'Serves gRPC and REST over one data directory. Stops on SIGTERM or SIGINT when the calls in flight are done; a second signal stops at once.',
    );
  for (const setting of SETTINGS) {
    const fallback = defaultOf(setting);
    const noted = fallback === '' ? setting.variable : `${setting.variable}, default: ${fallback}`;
    command.option(setting.flag, `${setting.summary} (${noted})`);
  }
  withJsonOption(command).action(serve);
}

async function serve(flags: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = readSettings(flags);
  const log = createLog(settings.logLevel);
  const server = await startServer(settings, log);
  if (flags['json'] === true) {
    printJson({ grpc: server.grpc, http: server.http, data: settings.data, pid: process.pid });
  } else {
    for (const line of howToConnect(settings, server)) printLine(line);
  }
  const signal = await Promise.race([firstSignal(), parentGone()]);
  log.info('Stopping: no new calls, those in flight finish', { signal, drainMs: settings.drainMs });
  await server.stop();
}

/** Resolves when the command that started this server for itself has ended; never for a server of its own. */
function parentGone(): Promise<'parent gone'> {
  return new Promise((resolve) => {
    process.once('disconnect', () => resolve('parent gone'));
    // Who waits to hear it keeps the process alive, unless told not to.
    process.channel?.unref();
  });
}

/** Resolves at the first signal; the next one ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) return endBy(signal);
      isStopping = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function howToConnect(settings: Settings, { grpc, http }: ServerAddresses): readonly string[] {
  const scheme = settings.tlsCert === undefined ? 'http' : 'https';
  const needsToken = settings.token !== undefined;
  const header = needsToken ? ` -H 'authorization: Bearer …'` : '';
  return [
    `Groupwise serves ${settings.data}`,
    ``,
    `  gRPC       ${grpc}   (groupwise.v1, proto in proto/groupwise/v1; health and reflection are on)`,
    `  REST       ${scheme}://${http}`,
    `  reference  ${scheme}://${http}/docs`,
    ``,
    `Connect with`,
    ``,
    `  curl${header} ${scheme}://${http}/v1/datasets`,
    `  grpcurl ${settings.tlsCert === undefined ? '-plaintext ' : ''}${needsToken ? `-H 'authorization: Bearer …' ` : ''}${grpc} groupwise.v1.Environment/ListDatasets`,
    `  new EnvClient({ address: '${grpc}' })   from 'groupwise/client'`,
    ``,
    `Stop with Ctrl-C.`,
  ];
}
