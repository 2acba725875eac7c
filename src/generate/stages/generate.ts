// Questions with short, verifiable answers that stand in a passage: the generator of Webscale-RL (arXiv 2510.06499). One call
// writes the pairs of all personas, so that the passage and the examples are paid for once; each pair names the words that
// prove it, and they are looked up in the passage before anyone believes it.

import { z } from 'zod';

import type { PromptValue } from '../../ports/generation-prompts.ts';
import { asPassage, type PassageItem } from '../item.ts';
import { stageKind, type Outcome, type StageTools } from '../stage.ts';
import { drawExamples, type PairExample } from './examples.ts';
import { passageValues } from './passage-values.ts';
import { pairsReply, readPairs, withoutRepeats, type WrittenPairs } from './written-pairs.ts';

const generateOptions = () =>
  z.strictObject({
    /** `together`: one call for all personas of a passage. `apart`: one for each, which shows the passage each time. */
    calls: z.enum(['together', 'apart']).default('together'),
    /** Examples of the passage's domain that a call shows. */
    shots: z.int().min(0).max(8).default(2),
    /** What becomes of a pair whose evidence is not found in the passage: dropped, or kept without a byte span and noted. */
    lost_evidence: z.enum(['drop', 'note']).default('drop'),
  });
type GenerateOptions = z.output<ReturnType<typeof generateOptions>>;

export const generate = stageKind({
  name: 'generate',
  summary: 'A model writes a question with a short answer from the passage, for each persona.',
  takes: 'passage',
  gives: 'pair',
  model: 'teacher',
  options: generateOptions,
  estimate: (options: GenerateOptions) => ({
    calls: options.calls === 'together' ? 1 : 3,
    promptTokens: 700 + options.shots * 250,
    showsPassage: true,
    completionTokens: options.calls === 'together' ? 450 : 150,
    yield: 2.7,
  }),
  build: (options: GenerateOptions) => {
    const reply = pairsReply();
    return {
      kind: 'each',
      apply: async (item, tools) => writePairs(asPassage(item), { options, tools, reply }),
    };
  },
});

interface Writing {
  readonly options: GenerateOptions;
  readonly tools: StageTools;
  readonly reply: z.ZodType<WrittenPairs>;
}

async function writePairs(item: PassageItem, { options, tools, reply }: Writing): Promise<Outcome> {
  const personas = item.personas ?? [];
  const { domain } = item;
  const examples = drawExamples(tools.data, { domain, count: options.shots, random: tools.random });
  const groups = options.calls === 'apart' ? personas.map((persona) => [persona]) : [personas];
  if (groups.length === 0) groups.push([]);
  const reads = await Promise.all(
    groups.map(async (group, index) =>
      readPairs(
        await tools.ask({ prompt: 'generate/pairs', values: valuesOf(item, group, examples), reply }),
        { item, personas: group, offset: index, lostEvidence: options.lost_evidence },
      ),
    ),
  );
  const { pairs, drops } = withoutRepeats(reads.flatMap((read) => read.pairs));
  return { kept: pairs, drops: [...reads.flatMap((read) => read.drops), ...drops] };
}

function valuesOf(
  item: PassageItem,
  personas: readonly string[],
  examples: readonly PairExample[],
): Readonly<Record<string, PromptValue>> {
  return {
    ...passageValues(item.passage),
    personas,
    examples: examples.map(({ passage, persona, question, answer, answer_type, evidence }) => ({
      // Names of their own: nothing in an example may pass for what is asked about.
      example_passage: passage,
      example_reader: persona,
      example_reply: JSON.stringify({
        pairs: [{ reader: 1, question, answer, aliases: [], answer_type, evidence }],
      }),
    })),
  };
}
