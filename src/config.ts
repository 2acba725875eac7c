// One settings schema: what each setting means, its default, its flag and its environment variable. The settings table of
// the README is printed from here. The only module that reads process.env.

import { z } from 'zod';
import { invalidArgument } from './core/errors.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** A place to listen on. Port 0 takes any free port. */
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]\s]+):\d{1,5}$/, 'must be HOST:PORT, for example 127.0.0.1:50051')
  .refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, 'must have a port up to 65535');

const milliseconds = z.coerce.number().int('must be a whole number of milliseconds').min(0);

export interface Setting {
  readonly key: keyof Settings;
  readonly flag: string;
  readonly variable: string;
  readonly summary: string;
  readonly schema: z.ZodType;
}

export interface Settings {
  readonly data: string;
  readonly grpc: string;
  readonly http: string;
  readonly token: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly prompts: string | undefined;
  readonly drainMs: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

export const SETTINGS: readonly Setting[] = [
  {
    key: 'data',
    flag: '--data <dir>',
    variable: 'GROUPWISE_DATA',
    summary: 'Data directory: datasets, runs, results',
    schema: z.string().min(1).default('groupwise-data'),
  },
  {
    key: 'grpc',
    flag: '--grpc <host:port>',
    variable: 'GROUPWISE_GRPC',
    summary: 'Address of the gRPC door; port 0 takes a free one',
    schema: address.default('127.0.0.1:50051'),
  },
  {
    key: 'http',
    flag: '--http <host:port>',
    variable: 'GROUPWISE_HTTP',
    summary: 'Address of the REST door; port 0 takes a free one',
    schema: address.default('127.0.0.1:8080'),
  },
  {
    key: 'token',
    flag: '--token <token>',
    variable: 'GROUPWISE_TOKEN',
    summary: 'Bearer token that clients must send; required to listen beyond loopback',
    schema: z.string().min(8, 'must have at least 8 characters').optional(),
  },
  {
    key: 'tlsCert',
    flag: '--tls-cert <file>',
    variable: 'GROUPWISE_TLS_CERT',
    summary: 'PEM certificate chain: both doors speak TLS',
    schema: z.string().min(1).optional(),
  },
  {
    key: 'tlsKey',
    flag: '--tls-key <file>',
    variable: 'GROUPWISE_TLS_KEY',
    summary: 'PEM private key of the certificate',
    schema: z.string().min(1).optional(),
  },
  {
    key: 'prompts',
    flag: '--prompts <dir>',
    variable: 'GROUPWISE_PROMPTS',
    summary: 'Your own prompt templates; a file here overrides the built-in one of its name',
    schema: z.string().min(1).optional(),
  },
  {
    key: 'drainMs',
    flag: '--drain-ms <ms>',
    variable: 'GROUPWISE_DRAIN_MS',
    summary: 'How long a stopping server waits for calls in flight',
    schema: milliseconds.default(10_000),
  },
  {
    key: 'logLevel',
    flag: '--log-level <level>',
    variable: 'GROUPWISE_LOG_LEVEL',
    summary: `Least severe log lines to write: ${LOG_LEVELS.join(', ')}`,
    schema: z.enum(LOG_LEVELS).default('info'),
  },
];

/**
 * Settings from flags, then environment variables, then defaults.
 *
 * @throws EnvError `invalid_argument` that names the flag or the variable at fault.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const values: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const flag = flags[setting.key];
    const variable = environment[setting.variable];
    const given = flag ?? (variable === '' ? undefined : variable);
    const parsed = setting.schema.safeParse(given);
    if (!parsed.success) {
      const name = flag === undefined ? setting.variable : (setting.flag.split(' ')[0] ?? setting.flag);
      const problem = parsed.error.issues[0]?.message ?? 'is not valid';
      throw invalidArgument(name, `Cannot use ${name} "${String(given)}": it ${toClause(problem)}`);
    }
    values[setting.key] = parsed.data;
  }
  // The schema of each key was just applied, so the record has the shape of Settings.
  const settings = values as unknown as Settings;
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    throw invalidArgument('--tls-cert', 'Cannot use TLS: --tls-cert and --tls-key are given together or not at all');
  }
  return settings;
}

/** The default of a setting as the settings table shows it. */
export function defaultOf(setting: Setting): string {
  const parsed = setting.schema.safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? String(parsed.data) : '';
}

function toClause(problem: string): string {
  return problem.startsWith('must') ? problem : `is not valid: ${problem}`;
}
