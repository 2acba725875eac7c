// verl's training rows: chat messages in `prompt`, and in `reward_model` the ground truth that its scorers compare with.

import { isJsonObject } from '../canonical-json.ts';
import { groundTruthCell, labelCell, missing, questionCell } from './cells.ts';
import { splitCell } from './fields.ts';
import { type Layout, leftovers, RowRejected } from './layout.ts';

export const verlLayout: Layout = {
  name: 'verl',
  summary: 'data_source, prompt (messages), ability, reward_model {style, ground_truth}, extra_info',
  matches: (row) =>
    row['prompt'] !== undefined &&
    isJsonObject(row['reward_model']) &&
    row['reward_model']['ground_truth'] !== undefined,
  read(row) {
    const rewardModel = row['reward_model'];
    if (rewardModel === undefined || rewardModel === null) throw missing('reward_model', rewardModel);
    if (!isJsonObject(rewardModel))
      throw new RowRejected('unusable_field', 'column "reward_model" is not an object');
    const extraInfo = isJsonObject(row['extra_info']) ? row['extra_info'] : {};
    const { ground_truth: _truth, ...ownOfReward } = rewardModel;
    return {
      question: questionCell(row, 'prompt'),
      groundTruth: groundTruthCell(rewardModel, 'ground_truth'),
      domain: labelCell(row, 'ability'),
      split: splitCell(extraInfo, 'split'),
      provenance: {
        extra: leftovers(
          row,
          ['prompt', 'ability', 'reward_model'],
          Object.keys(ownOfReward).length === 0 ? {} : { reward_model: ownOfReward },
        ),
      },
    };
  },
};
