// All kinds of questions, the surest first: where two kinds ask for the same words of a sentence, the first one is heard.

import type { QuestionKind } from '../question-kind.ts';
import { abbreviationKind } from './abbreviations.ts';
import { apposedKind, calledKind } from './called.ts';
import { deedKind, nationalityKind } from './deeds.ts';
import { definitionKind } from './definitions.ts';
import { eventKind } from './events.ts';
import { formulaKind } from './formulas.ts';
import { lifespanKind } from './lifespans.ts';
import { listKind } from './lists.ts';
import { dependenceKind, describedKind } from './named-by-what-they-are.ts';
import { countKind, quantityKind } from './quantities.ts';
import { agentKind, identityKind, madeOfKind, meaningKind, namedAfterKind } from './relations.ts';
import { lawKind, occurrenceKind } from './statements.ts';
import { symbolKind, unitKind } from './units.ts';

export const QUESTION_KINDS: readonly QuestionKind[] = [
  lifespanKind,
  nationalityKind,
  unitKind,
  symbolKind,
  lawKind,
  namedAfterKind,
  eventKind,
  deedKind,
  identityKind,
  agentKind,
  quantityKind,
  countKind,
  listKind,
  calledKind,
  apposedKind,
  definitionKind,
  describedKind,
  occurrenceKind,
  abbreviationKind,
  meaningKind,
  madeOfKind,
  dependenceKind,
  formulaKind,
];
