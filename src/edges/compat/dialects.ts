// All dialects, and the page that lists them. Each is a translator in front of the same service; none has a rule of its own
// beyond its shape.

import type { MountedCall } from '../../contract/mounted-call.ts';
import type { Recipe } from '../../core/recipe.ts';
import type { RowsService } from '../../services/datasets/served-rows.ts';
import { UrlChoices } from './asked.ts';
import { awsRft } from './aws-rft.ts';
import type { Dialect } from './dialect.ts';
import { HeldScoring, type HeldScoringOptions } from './held-scoring.ts';
import { nemoGym } from './nemo-gym.ts';
import { openRlhf } from './openrlhf.ts';
import { reasoningGym } from './reasoning-gym.ts';
import { remoteRm } from './remote-rm.ts';
import { json } from './replies.ts';

const DIALECTS: readonly Dialect[] = [openRlhf, remoteRm, nemoGym, awsRft, reasoningGym];

export interface CompatOptions extends HeldScoringOptions {
  /** Of requests that name no reward in their URL or label. */
  readonly reward: Recipe;
  readonly rows: RowsService;
}

/** The calls of every dialect, for the REST door. */
export function compatCalls({ reward, rows, ...options }: CompatOptions): readonly MountedCall[] {
  const translator = { scoring: new HeldScoring(options), choices: new UrlChoices(reward), rows };
  const calls = DIALECTS.flatMap((dialect) => dialect(translator));
  const listing: MountedCall = {
    method: 'GET',
    path: '/compat',
    name: 'compat',
    answer: () => json({ calls: calls.map(({ method, path }) => `${method} ${path}`) }),
  };
  return [listing, ...calls];
}
