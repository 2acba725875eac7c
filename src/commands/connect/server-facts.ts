// What the lines for a trainer are made of: where the running server is, what it wants of its clients, and the dataset that they are
// about. Types, and the few words that several trainers spell the same way.

import type { DatasetInfo } from '../../core/calls.ts';

export interface ServerFacts {
  readonly version: string;
  /** HOST:PORT of the gRPC door; undefined where nobody answered there. */
  readonly grpc: string | undefined;
  /** http://HOST:PORT or https://HOST:PORT of the REST door. */
  readonly http: string;
  /** Undefined without TLS. `ca`: file of the certificates to believe instead of the system's. */
  readonly tls: { readonly ca: string | undefined } | undefined;
  readonly needsToken: boolean;
  /** It listens on all addresses of its machine; the ones above are those of the machine itself. */
  readonly isOpenToOthers: boolean;
  /** Calls under /compat, as the server lists them: `POST /compat/openrlhf/get_reward`. */
  readonly calls: readonly string[];
  readonly dataset: Pick<DatasetInfo, 'name' | 'version' | 'splits'>;
  /** All datasets of the server, by name. */
  readonly datasets: readonly string[];
  /** The data directory, where it is known to be on this machine. */
  readonly dataDir: string | undefined;
  /** As it was given: the name of a scorer, or a recipe as JSON. Undefined: each row is scored by its own. */
  readonly reward: string | undefined;
  /** Where this package lies, which no registry has. */
  readonly home: string;
  /** Where this package has its Python client. */
  readonly pythonClient: string;
  /** Where this package has its examples. */
  readonly examples: string;
  /** The folder that files are written into; from the root, for a trainer seldom runs in the folder that they were made in. */
  readonly here: string;
}

/** The split that is trained on: "train", or the first there is. */
export function trainSplit({ dataset }: ServerFacts): string {
  const names = dataset.splits.map(({ name }) => name);
  return names.find((name) => name === 'train') ?? names[0] ?? 'train';
}

/** The split that is measured on: "test" or "validation", or the first other one; the one that is trained on where it is alone. */
export function testSplit(facts: ServerFacts): string {
  const names = facts.dataset.splits.map(({ name }) => name);
  const train = trainSplit(facts);
  const others = names.filter((name) => name !== train);
  return others.find((name) => /^(test|validation|val|dev)$/.test(name)) ?? others[0] ?? train;
}

/** A split as the dialects name it that know datasets only: "gsm8k" is its split "train". */
export function splitName(facts: ServerFacts): string {
  const split = trainSplit(facts);
  return split === 'train' ? facts.dataset.name : `${facts.dataset.name}:${split}`;
}
