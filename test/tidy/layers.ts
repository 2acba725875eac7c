// Who may import whom, as data: one row for each layer, with the sentence that says why. The checker reads nothing else.

export interface Layer {
  readonly name: string;
  /** A folder (with its slash) or one file. */
  readonly path: string;
  /** Names of other layers; a layer may always import itself. */
  readonly mayImport: readonly string[];
  /** npm packages and `node:` modules; `*`: any of them. */
  readonly packages: readonly string[];
  readonly because: string;
}

const ANY = ['*'];
const NODE = 'node:*';

export const LAYERS: readonly Layer[] = [
  {
    name: 'core',
    path: 'src/core/',
    mayImport: [],
    packages: ['node:crypto'],
    because: 'core is pure: what it computes can be tested without a clock, a disk or a network',
  },
  {
    name: 'ports',
    path: 'src/ports/',
    mayImport: ['core'],
    packages: [],
    because:
      'a port says what a service needs, in core types; an outside thing in it would leak into every service',
  },
  {
    name: 'contract',
    path: 'src/contract/',
    mayImport: ['core'],
    packages: ['@grpc/grpc-js', '@grpc/proto-loader', '@hono/zod-openapi', 'zod', NODE],
    because: 'the wire is translated to core types here, for both doors and the client alike',
  },
  {
    name: 'services',
    path: 'src/services/',
    mayImport: ['core', 'ports'],
    packages: ['node:crypto', 'node:util'],
    because: 'a service that knew a database, a wire or a clock could only be tested by running everything',
  },
  {
    name: 'generate',
    path: 'src/generate/',
    mayImport: ['core', 'ports'],
    packages: ['node:crypto', 'zod'],
    because:
      'a generation step is pure around a language model, which is a port; what it asks for and what it can be told stand beside it as schemas',
  },
  {
    name: 'adapters',
    path: 'src/adapters/',
    mayImport: ['core', 'ports'],
    packages: ANY,
    because: 'an adapter ties one outside thing to one port and knows neither services nor wires',
  },
  ...['grpc', 'rest', 'compat', 'dashboard'].map((edge) => ({
    name: `edges/${edge}`,
    path: `src/edges/${edge}/`,
    mayImport: ['core', 'contract', 'services'],
    packages: ANY,
    because: 'a door only translates; doors that knew each other would grow rules that the other lacks',
  })),
  {
    name: 'client',
    path: 'src/client/',
    mayImport: ['core', 'contract'],
    packages: ['@grpc/grpc-js', '@grpc/proto-loader', NODE],
    because: 'the client runs on another machine: it may know the wire and nothing behind it',
  },
  {
    name: 'trainer',
    path: 'src/trainer/',
    mayImport: ['core', 'contract', 'client'],
    packages: ANY,
    because: 'the trainer is a user of the server, so it reaches the server as every user does',
  },
  {
    name: 'loadtest',
    path: 'src/loadtest/',
    mayImport: ['core', 'contract', 'client'],
    packages: ANY,
    because: 'a load test that took a short cut into the server would measure something else',
  },
  {
    name: 'commands',
    path: 'src/commands/',
    mayImport: ANY,
    packages: ANY,
    because: 'objects are built and handed to each other here and nowhere else',
  },
  {
    name: 'cli',
    path: 'src/cli.ts',
    mayImport: ['commands'],
    packages: ['commander', NODE],
    because: 'the command line maps a name to a command; what a command does is in its own file',
  },
  {
    name: 'config',
    path: 'src/config.ts',
    mayImport: [],
    packages: ['zod', NODE],
    because: 'settings are read and checked before anything else exists',
  },
];

/** Packages that only some places may import, whatever their layer allows. Paths are files or folders. */
export const PACKAGE_PLACES: readonly {
  readonly package: string;
  readonly places: readonly string[];
  readonly because: string;
}[] = [
  {
    package: '@grpc/grpc-js',
    places: ['src/edges/grpc/', 'src/contract/', 'src/client/', 'src/loadtest/'],
    because:
      'gRPC is one of two doors: past it, a call is a core type. The load test has a raw echo to measure against',
  },
  {
    package: '@grpc/proto-loader',
    places: ['src/edges/grpc/', 'src/contract/', 'src/client/', 'src/loadtest/'],
    because: 'as for grpc-js: the proto files are read where the wire is spoken',
  },
  {
    package: 'hono',
    places: ['src/edges/'],
    because: 'HTTP stops at the edge',
  },
  {
    package: 'ws',
    places: ['src/edges/rest/'],
    because: 'a dialect answers messages; which bytes carry them is for the door',
  },
  {
    package: 'onnxruntime-node',
    places: ['src/adapters/', 'src/trainer/'],
    because: 'only the reward model adapter and the engine of the trainer run models',
  },
  {
    package: 'node:child_process',
    places: ['src/commands/', 'src/loadtest/', 'src/adapters/'],
    because: 'a process is started by a command or behind a port, never by a rule or a door',
  },
];

/** Packages that several adapter files may share; any other has one importing file. */
export const SHARED_IN_ADAPTERS: readonly { readonly package: string; readonly because: string }[] = [
  {
    package: 'yaml',
    because: 'the heads of prompt files and the scorers of a server are two formats of one notation',
  },
  {
    package: 'zod',
    because: 'what comes from outside is checked where it comes in: replies of models, files of settings',
  },
  { package: 'hyparquet', because: 'reading and writing Parquet are two files and share its schema types' },
];
