// An experiment that is over in seconds: it shows that everything is counted and kept, not who learns.

import type { ExperimentPlan } from '../../src/trainer/experiment/plan.ts';

export const EXPERIMENT_PLAN: ExperimentPlan = {
  warmUpDocuments: 20,
  sourceDocuments: 24,
  heldOutDocuments: 10,
  layers: 1,
  width: 32,
  heads: 2,
  warmUpTarget: 0.9,
  warmUpStepsMax: 20,
  warmUpRows: 16,
  warmUpTexts: 4,
  warmUpLearningRate: 1e-3,
  refreshSteps: 2,
  passes: 2,
  promptsPerStep: 8,
  groupSize: 4,
  updates: 2,
  learningRate: 5e-4,
  documentsPerStep: 5,
  pretrainingLearningRate: 5e-4,
  points: 3,
};

/** As options of the command. */
export function planFlags(plan: ExperimentPlan): readonly string[] {
  return Object.entries(plan).flatMap(([name, value]) => [
    `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}
