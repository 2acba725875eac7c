// Every advantage dialect by name, with the constants that it takes and their values in the source. A caller may give
// other values for those constants; a reply states all of them.

import { type EnvError, invalidArgument } from '../errors.ts';
import { drGrpo, gpg, maxRl, opo, rloo } from './centred.ts';
import type { Compute, Needs } from './edges.ts';
import type { Estimator, EstimatorChoice } from './estimator.ts';
import { gdpoTrl, gdpoVerl } from './gdpo.ts';
import { scaledByBatch, scaledByGroup, scaledByOthers } from './grpo.ts';
import { bestOfGroup, passAtKTraining } from './pass-at-k.ts';
import { reinforcePpBaseline, WHITENING_EPSILON } from './reinforce-pp.ts';

/** Constants that a dialect may have. */
export type Constants = Omit<EstimatorChoice, 'name'>;

export interface Dialect {
  readonly name: string;
  /** The source's own values, which hold unless a caller gives others. Those that are absent the dialect does not have. */
  readonly constants: Constants;
  readonly scope: Estimator['scope'];
  readonly needs: Needs;
  /** @param choice constants of this dialect only, checked */
  create(choice: Constants): { readonly constants: Constants; readonly compute: Compute };
}

interface Shape<C extends Constants> {
  readonly constants: C;
  readonly scope?: Estimator['scope'];
  readonly lengths?: Needs['lengths'];
  readonly components?: boolean;
  readonly compute: (constants: C) => Compute;
}

function dialect<C extends Constants>(name: string, shape: Shape<C>): Dialect {
  return {
    name,
    constants: shape.constants,
    scope: shape.scope ?? 'group',
    needs: { lengths: shape.lengths ?? 'unused', components: shape.components ?? false },
    create(choice) {
      const constants = { ...shape.constants, ...choice };
      return { constants, compute: shape.compute(constants) };
    },
  };
}

export const DIALECTS: readonly Dialect[] = [
  dialect('grpo:verl', { constants: { ddof: 1, epsilon: 1e-6 }, compute: scaledByGroup }),
  dialect('grpo:trl', { constants: { ddof: 1, epsilon: 1e-4 }, compute: scaledByGroup }),
  dialect('grpo:trl-batch', {
    constants: { ddof: 1, epsilon: 1e-4 },
    scope: 'batch',
    compute: scaledByBatch,
  }),
  dialect('grpo:nemo-rl', { constants: { ddof: 1, epsilon: 1e-6 }, compute: scaledByOthers }),
  dialect('grpo:openrlhf', { constants: { ddof: 1, epsilon: 1e-9 }, compute: scaledByGroup }),
  dialect('grpo:rllm', { constants: { ddof: 0, epsilon: 1e-6 }, compute: scaledByGroup }),
  dialect('dr_grpo', { constants: {}, compute: drGrpo }),
  dialect('rloo', { constants: {}, compute: rloo }),
  dialect('reinforce_pp_baseline', {
    constants: { ddof: 1, epsilon: WHITENING_EPSILON },
    scope: 'batch',
    lengths: 'optional',
    compute: reinforcePpBaseline,
  }),
  dialect('gdpo:verl', {
    constants: { ddof: 1, epsilon: 1e-6, weights: {} },
    scope: 'batch',
    lengths: 'optional',
    components: true,
    compute: gdpoVerl,
  }),
  dialect('gdpo:trl', {
    constants: { ddof: 1, epsilon: 1e-4, weights: {} },
    scope: 'batch',
    components: true,
    compute: gdpoTrl,
  }),
  dialect('opo', { constants: {}, lengths: 'required', compute: opo }),
  dialect('pass_at_k', { constants: { k: 4 }, compute: passAtKTraining }),
  dialect('passk:verl', { constants: { ddof: 1, epsilon: 1e-6 }, compute: bestOfGroup }),
  dialect('maxrl', { constants: {}, compute: maxRl }),
  dialect('gpg', { constants: {}, scope: 'batch', compute: gpg }),
];

/**
 * The dialect that `choice` names, with all its constants fixed.
 *
 * Throws `invalid_argument` for an unknown name (field `estimator.name`), and for a constant that the dialect does not
 * have or that is out of range (field `estimator.<constant>`).
 */
export function resolveEstimator(choice: EstimatorChoice): Estimator {
  const found = DIALECTS.find(({ name }) => name === choice.name);
  if (found === undefined) {
    const names = DIALECTS.map(({ name }) => name).join(', ');
    throw invalidArgument('estimator.name', `Cannot use estimator "${choice.name}": there are ${names}`);
  }
  const { constants, compute } = found.create(checkedConstants(found, choice));
  return {
    name: found.name,
    ...constants,
    scope: found.scope,
    needsLengths: found.needs.lengths === 'required',
    usesLengths: found.needs.lengths !== 'unused',
    needsComponents: found.needs.components,
    compute,
  };
}

/** The name and all constants of an estimator: what a reply states. */
export function statedChoice({ name, ddof, epsilon, k, weights }: EstimatorChoice): EstimatorChoice {
  return {
    name,
    ...(ddof !== undefined && { ddof }),
    ...(epsilon !== undefined && { epsilon }),
    ...(k !== undefined && { k }),
    ...(weights !== undefined && { weights }),
  };
}

function checkedConstants(found: Dialect, choice: EstimatorChoice): Constants {
  const { name, ...given } = statedChoice(choice);
  for (const constant of ['ddof', 'epsilon', 'k', 'weights'] as const) {
    const isGiven = given[constant] !== undefined && !isEmpty(given[constant]);
    if (isGiven && found.constants[constant] === undefined) {
      const has = Object.keys(found.constants).join(', ') || 'no constants';
      throw refused(constant, `"${name}" has no ${constant}, it has ${has}`);
    }
  }
  const { ddof, epsilon, k } = given;
  if (ddof !== undefined && ddof !== 0 && ddof !== 1) throw refused('ddof', `${ddof} is neither 0 nor 1`);
  if (epsilon !== undefined && !(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw refused('epsilon', `${epsilon} is not a finite number of 0 or more`);
  }
  if (k !== undefined && !(Number.isSafeInteger(k) && k >= 1)) {
    throw refused('k', `${k} is not a whole number of 1 or more`);
  }
  for (const [scorer, weight] of Object.entries(given.weights ?? {})) {
    if (Number.isFinite(Math.fround(weight))) continue;
    throw refused(`weights.${scorer}`, `${weight} is not a finite 32-bit float`);
  }
  return found.constants.weights === undefined ? { ...given, weights: undefined } : given;
}

/** An empty map of weights is how the wire says that none were given. */
function isEmpty(constant: number | Readonly<Record<string, number>>): boolean {
  return typeof constant === 'object' && Object.keys(constant).length === 0;
}

function refused(constant: string, why: string): EnvError {
  return invalidArgument(`estimator.${constant}`, `Cannot set the estimator's ${constant}: ${why}`);
}
