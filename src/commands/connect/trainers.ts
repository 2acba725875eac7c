// All that `groupwise connect` knows, in the order of its list.

import { EnvError } from '../../core/errors.ts';
import { atropos } from './atropos.ts';
import { awsRft } from './aws-rft.ts';
import { curlTrainer } from './curl.ts';
import type { Trainer } from './guide.ts';
import { nemoGym, nemoRl } from './nemo-gym.ts';
import { openEnv } from './openenv.ts';
import { openRlhf } from './openrlhf.ts';
import { ors } from './ors.ts';
import { primeRl } from './prime-rl.ts';
import { python } from './python.ts';
import { reasoningGym } from './reasoning-gym.ts';
import { miles, slime } from './remote-rm.ts';
import { trl } from './trl.ts';
import { typescript } from './typescript.ts';
import { verl } from './verl.ts';

export const TRAINERS: readonly Trainer[] = [
  trl,
  verl,
  openRlhf,
  slime,
  miles,
  nemoRl,
  nemoGym,
  primeRl,
  openEnv,
  ors,
  reasoningGym,
  awsRft,
  atropos,
  python,
  typescript,
  curlTrainer,
];

/** Whatever the case, and with the dashes and spaces that people write: "NeMo RL", "nemo_rl". */
export function findTrainer(name: string): Trainer {
  const trainer = TRAINERS.find((each) => plain(each.name) === plain(name));
  if (trainer !== undefined) return trainer;
  const known = TRAINERS.map((each) => each.name).join(', ');
  throw new EnvError('invalid_argument', `Unknown trainer "${name}": known are ${known}`, {
    field: 'trainer',
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
