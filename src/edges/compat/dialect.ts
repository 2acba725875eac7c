// What every dialect is made of: the service in front of which it translates, and the calls that it adds to the door.

import type { MountedCall } from '../../contract/mounted-call.ts';
import type { RowsService } from '../../services/datasets/served-rows.ts';
import type { UrlChoices } from './asked.ts';
import type { HeldScoring } from './held-scoring.ts';
import type { PatienceClock } from './patience.ts';
import type { Turns } from './turns.ts';

export interface Translator {
  readonly scoring: HeldScoring;
  readonly choices: UrlChoices;
  readonly rows: RowsService;
  readonly turns: Turns;
  readonly clock: PatienceClock;
}

export type Dialect = (translator: Translator) => readonly MountedCall[];
