// What the training loop is handed: what it talks to, what it trains, and what it is to do and tell. Types only.

import type { CallsClient } from '../../client/calls-client.ts';
import type { RunId } from '../../core/ids.ts';
import type { Policy, Sampler } from '../policy.ts';
import type { TrainingEvent, TrainingStart } from '../training-event.ts';
import type { PromptText } from './draw.ts';
import type { Patience } from './patience.ts';
import type { TrainingLength, TrainingSettings } from './settings.ts';
import type { TrainingFolder } from './training-folder.ts';

export interface TrainingOptions {
  readonly client: CallsClient;
  readonly policy: Policy;
  /** Draws completions in place of the policy: a server that has its weights. */
  readonly sampler?: Sampler | undefined;
  /** Told the version whenever the policy's weights have changed, before anything is drawn with them. */
  readonly publish?: ((version: number) => Promise<void>) | undefined;
  readonly promptText: PromptText;
  readonly settings: TrainingSettings;
  readonly length: TrainingLength;
  readonly folder: TrainingFolder;
  /** Of the first run; the next ones are numbered. */
  readonly runId: RunId;
  /** All settings by name, for the log and the report. */
  readonly described: TrainingStart['settings'];
  /** Brings a new policy to where reinforcement begins. */
  readonly warmUp?: (() => Promise<void>) | undefined;
  /** Measures the policy as it is, before the first step and after the last one. May reject when it is told to stop. */
  readonly measure?: ((when: 'before' | 'after', step: number) => Promise<void>) | undefined;
  readonly tell: (event: TrainingEvent) => void;
  readonly patience: Patience;
  readonly scoreMsMax: number;
}
