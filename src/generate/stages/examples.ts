// Worked examples that show a generator what good pairs of a domain look like. They are data, a file for each domain, and are
// held to what is asked of the model: the evidence stands in the material, word for word.

import { z } from 'zod';

import { invalidArgument } from '../../core/errors.ts';
import { ANSWER_TYPES } from '../../core/qa-pair.ts';
import { findQuote } from '../../core/quote-search.ts';
import type { Random } from '../../core/random.ts';
import type { PromptData } from '../../ports/prompt-data.ts';
import { domainSlug } from './domains.ts';

const FOLDER = 'generate/examples';
/** For passages whose domain has no file of its own. */
const COMMON_FILE = `${FOLDER}/other`;

export interface PairExample {
  readonly passage: string;
  readonly persona: string;
  readonly question: string;
  readonly answer: string;
  readonly answer_type: (typeof ANSWER_TYPES)[number];
  readonly evidence: string;
}

const fileSchema = () =>
  z
    .array(
      z.strictObject({
        passage: z.string().min(1),
        persona: z.string().min(1),
        question: z.string().min(1),
        answer: z.string().min(1),
        answer_type: z.enum(ANSWER_TYPES),
        evidence: z.string().min(1),
      }),
    )
    .min(1);

/**
 * `count` different examples of a domain, drawn by `random`, in the order of their file. Throws `EnvError` (invalid_argument)
 * that says what is wrong with the file.
 */
export function drawExamples(
  data: PromptData,
  draw: { readonly domain: string | undefined; readonly count: number; readonly random: Random },
): readonly PairExample[] {
  if (draw.count === 0) return [];
  const own = draw.domain === undefined ? COMMON_FILE : `${FOLDER}/${domainSlug(draw.domain)}`;
  const examples = readExamples(data, data.find(own) === undefined ? COMMON_FILE : own);
  const left = examples.map((_, index) => index);
  const drawn: number[] = [];
  while (drawn.length < draw.count && left.length > 0) {
    drawn.push(...left.splice(draw.random.below(left.length), 1));
  }
  return examples.filter((_, index) => drawn.includes(index));
}

/** All examples of a file, checked. */
export function readExamples(data: PromptData, file: string): readonly PairExample[] {
  const raw = data.find(file);
  if (raw === undefined) throw fileFault(file, 'it is not there');
  const read = fileSchema().safeParse(raw);
  if (!read.success) throw fileFault(file, z.prettifyError(read.error));
  for (const [index, { passage, evidence }] of read.data.entries()) {
    if (findQuote(passage, evidence) === undefined) {
      throw fileFault(file, `the evidence of example ${index + 1} does not stand in its passage`);
    }
  }
  return read.data;
}

function fileFault(file: string, what: string): Error {
  return invalidArgument('prompts', `Cannot use the data file "${file}.yaml": ${what}`);
}
