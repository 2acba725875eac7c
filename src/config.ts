// One settings schema: what each setting means, its default, its flag and its environment variable. The settings table of
// the README is printed from here. The only module that reads process.env.

import { z } from 'zod';

const OPENAI_URL = 'https://api.openai.com/v1';
const OPENAI_KEY_VARIABLE = 'OPENAI_API_KEY';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** A place to listen on. Port 0 takes any free port. */
const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:[\]\s]+):\d{1,5}$/, 'must be HOST:PORT, for example 127.0.0.1:50051')
  .refine(
    (value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535,
    'must have a port up to 65535',
  );

/** Servers of models that speak OpenAI's API. */
const modelUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).default(OPENAI_URL);

const schema = z.object({
  data: z.string().min(1).default('groupwise-data'),
  grpc: address.default('127.0.0.1:50051'),
  http: address.default('127.0.0.1:8080'),
  token: z.string().min(8, 'must have at least 8 characters').optional(),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  prompts: z.string().min(1).optional(),
  scorers: z.string().min(1).optional(),
  judgeModel: z.string().min(1).optional(),
  judgeUrl: modelUrl,
  compatReward: z.string().min(1).default('math'),
  generatorModel: z.string().min(1).optional(),
  policyModel: z.string().min(1).optional(),
  modelUrl,
  drainMs: z.coerce
    .number()
    .int('must be a whole number of milliseconds')
    .min(0, 'must be 0 or more')
    .default(10_000),
  logLevel: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

export type Settings = z.infer<typeof schema>;

export interface Setting {
  readonly key: keyof Settings;
  readonly flag: string;
  readonly variable: string;
  readonly summary: string;
}

/** Of the server, in the order of its help. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'data',
    flag: '--data <dir>',
    variable: 'GROUPWISE_DATA',
    summary: 'Data directory: datasets, runs, results',
  },
  {
    key: 'grpc',
    flag: '--grpc <host:port>',
    variable: 'GROUPWISE_GRPC',
    summary: 'Address of the gRPC door; port 0 takes a free one',
  },
  {
    key: 'http',
    flag: '--http <host:port>',
    variable: 'GROUPWISE_HTTP',
    summary: 'Address of the REST door; port 0 takes a free one',
  },
  {
    key: 'token',
    flag: '--token <token>',
    variable: 'GROUPWISE_TOKEN',
    summary: 'Bearer token that clients must send; required to listen beyond loopback',
  },
  {
    key: 'tlsCert',
    flag: '--tls-cert <file>',
    variable: 'GROUPWISE_TLS_CERT',
    summary: 'PEM certificate chain: both doors speak TLS',
  },
  {
    key: 'tlsKey',
    flag: '--tls-key <file>',
    variable: 'GROUPWISE_TLS_KEY',
    summary: 'PEM private key of the certificate',
  },
  {
    key: 'prompts',
    flag: '--prompts <dir>',
    variable: 'GROUPWISE_PROMPTS',
    summary: 'Your own prompt templates; a file here overrides the built-in one of its name',
  },
  {
    key: 'scorers',
    flag: '--scorers <file>',
    variable: 'GROUPWISE_SCORERS',
    summary: 'Judges and reward models that recipes may use (YAML)',
  },
  {
    key: 'judgeModel',
    flag: '--judge-model <name>',
    variable: 'GROUPWISE_JUDGE_MODEL',
    summary: 'Model of a judge named "judge" without a file; its key is in OPENAI_API_KEY',
  },
  {
    key: 'judgeUrl',
    flag: '--judge-url <url>',
    variable: 'OPENAI_BASE_URL',
    summary: 'OpenAI-compatible API that serves --judge-model',
  },
  {
    key: 'compatReward',
    flag: '--compat-reward <recipe>',
    variable: 'GROUPWISE_COMPAT_REWARD',
    summary: 'Reward of requests under /compat that name none: a scorer, or a recipe as JSON or @FILE',
  },
  {
    key: 'drainMs',
    flag: '--drain-ms <ms>',
    variable: 'GROUPWISE_DRAIN_MS',
    summary: 'How long a stopping server waits for calls in flight',
  },
  {
    key: 'logLevel',
    flag: '--log-level <level>',
    variable: 'GROUPWISE_LOG_LEVEL',
    summary: `Least severe log lines to write: ${LOG_LEVELS.join(', ')}`,
  },
];

/** What `groupwise generate` has beside the data directory and the prompts. */
export const GENERATE_SETTINGS: readonly Setting[] = [
  {
    key: 'generatorModel',
    flag: '--generator-model <name>',
    variable: 'GROUPWISE_GENERATOR_MODEL',
    summary: 'Model that recipes call "teacher", where they define none; its key is in OPENAI_API_KEY',
  },
  {
    key: 'policyModel',
    flag: '--policy-model <name>',
    variable: 'GROUPWISE_POLICY_MODEL',
    summary: 'Model that recipes call "policy", where they define none',
  },
  {
    key: 'modelUrl',
    flag: '--model-url <url>',
    variable: 'OPENAI_BASE_URL',
    summary: 'OpenAI-compatible API that serves models without endpoints of their own',
  },
];

const ALL_SETTINGS: readonly Setting[] = [...SETTINGS, ...GENERATE_SETTINGS];

/** A setting that cannot be used. `setting` is the flag or the variable that it came from. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly setting: string;

  constructor(setting: string, message: string) {
    super(message);
    this.setting = setting;
  }
}

/**
 * Settings from flags, then environment variables, then defaults. Empty variables count as absent.
 *
 * @throws SettingsError that names the flag or the variable at fault.
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const given: Record<string, unknown> = {};
  for (const { key, variable } of ALL_SETTINGS)
    given[key] = flags[key] ?? (environment[variable] || undefined);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw refusal(parsed.error, flags);
  if ((parsed.data.tlsCert === undefined) !== (parsed.data.tlsKey === undefined)) {
    throw new SettingsError(
      '--tls-cert',
      'Cannot use TLS: --tls-cert and --tls-key are given together or not at all',
    );
  }
  return parsed.data;
}

/** What keeps strangers out of a server that others reach: nothing for one that only its own process knows. */
const DOOR_KEEPING: ReadonlySet<keyof Settings> = new Set(['token', 'tlsCert', 'tlsKey']);

/** The environment of a server on loopback that a command starts for itself: the user's, without what guards the user's own server. */
export function embeddedEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string | undefined>> {
  const guarding = new Set(
    ALL_SETTINGS.filter(({ key }) => DOOR_KEEPING.has(key)).map(({ variable }) => variable),
  );
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !guarding.has(name)));
}

/**
 * The environment variable that holds the key for models that a setting names; undefined where a server of one's own is asked
 * without.
 */
export function apiKeyVariable(
  baseUrl: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  return environment[OPENAI_KEY_VARIABLE] || baseUrl === OPENAI_URL ? OPENAI_KEY_VARIABLE : undefined;
}

/**
 * A key that a configuration file names by its environment variable.
 *
 * @throws SettingsError when the variable is not set
 */
export function readKey(
  variable: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const key = environment[variable];
  if (key !== undefined && key !== '') return key;
  throw new SettingsError(
    variable,
    `Cannot use ${variable}: it is not set, and a model takes its key from there`,
  );
}

/** The default of a setting as the settings table shows it; empty when it has none. */
export function defaultOf(setting: Setting): string {
  const value = schema.parse({})[setting.key];
  return value === undefined ? '' : String(value);
}

function refusal(error: z.ZodError, flags: Readonly<Record<string, unknown>>): SettingsError {
  const issue = error.issues[0];
  const setting = ALL_SETTINGS.find(({ key }) => key === issue?.path[0]);
  if (issue === undefined || setting === undefined) return new SettingsError('settings', error.message);
  const name =
    flags[setting.key] === undefined ? setting.variable : (setting.flag.split(' ')[0] ?? setting.flag);
  // The value is not repeated: it may be the token.
  return new SettingsError(name, `Cannot use ${name}: it ${issue.message}`);
}
