// All dialects, and the page that lists them. Each is a translator in front of the same service; none has a rule of its own
// beyond its shape.

import type { MountedCall } from '../../contract/mounted-call.ts';
import type { MountedSocket } from '../../contract/mounted-socket.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { RowsService } from '../../services/datasets/served-rows.ts';
import { UrlChoices } from './asked.ts';
import { atropos } from './atropos.ts';
import { awsRft } from './aws-rft.ts';
import type { Dialect } from './dialect.ts';
import { HeldScoring, type HeldScoringOptions } from './held-scoring.ts';
import { nemoGym, verifiers } from './nemo-gym.ts';
import { openEnvSocket } from './openenv-episode.ts';
import { openEnv } from './openenv.ts';
import { openRlhf } from './openrlhf.ts';
import { ors } from './ors.ts';
import { reasoningGym } from './reasoning-gym.ts';
import { remoteRm } from './remote-rm.ts';
import { json } from './replies.ts';
import { Turns } from './turns.ts';

const DIALECTS: readonly Dialect[] = [
  openRlhf,
  remoteRm,
  nemoGym,
  verifiers,
  awsRft,
  reasoningGym,
  openEnv,
  ors,
  atropos,
];

export interface CompatOptions extends HeldScoringOptions {
  /** Of requests that name no reward in their URL or label. */
  readonly reward: Recipe;
  readonly rows: RowsService;
  /** Names of those that recipes may use. */
  readonly scorers: () => readonly string[];
}

export interface Compat {
  readonly calls: readonly MountedCall[];
  readonly sockets: readonly MountedSocket[];
}

/** The calls and protocols of every dialect, for the REST door. */
export function compatOf({ reward, rows, scorers, ...options }: CompatOptions): Compat {
  const scoring = new HeldScoring(options);
  const translator = {
    scoring,
    choices: new UrlChoices(reward),
    rows,
    turns: new Turns(),
    clock: options.clock,
  };
  const calls = DIALECTS.flatMap((dialect) => dialect(translator));
  const sockets = [openEnvSocket(translator)];
  const listing: MountedCall = {
    method: 'GET',
    path: '/compat',
    name: 'compat',
    answer: () =>
      json({
        calls: calls.map(({ method, path }) => `${method} ${path}`),
        sockets: sockets.map(({ path }) => path),
        scorers: scorers(),
      }),
  };
  return { calls: [listing, ...calls], sockets };
}
