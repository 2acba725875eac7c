// What a stand-in teacher says to Self-Instruct and to the extraction from web pages: a fixed function of what it is shown, with the
// flaws of generators in known places, so that a test can tell which rows must be left.

import { createHash } from 'node:crypto';
import { riverDocuments } from './river-model.ts';
import type { Handlers } from './generation-model.ts';

/** Tasks that are put to numbers; those that speak of "odd" ask for a label, all others for the sum. */
const TASKS: readonly string[] = [
  'Add up the apples that were picked on all these days.',
  'How much do the parcels in this list weigh together, in kilograms?',
  'A class counted birds at several places. Give the total.',
  'Find what somebody pays who buys every article on this receipt, in euros.',
  'Say of the sum of these dice whether it is even or odd.',
  'Goals of both halves are given. With how many does the match end?',
  'Tell me the length of a walk from its stages, in kilometres.',
  'Is the number of guests odd or even, if all groups of this booking come?',
  'Litres that leaked from several barrels are noted below; how many were lost?',
  'Sum the minutes for which each musician played.',
  'Put together the savings of all children in the family.',
  'Which of the two, odd or even, is the number of chairs in these rooms taken together?',
];
/** Too much like one that is there. */
const ECHOES: readonly string[] = TASKS.map((task) => task.replace(/\w+(?=[.?]$)/u, 'week'));
/** What a model that only writes cannot do. */
const UNDOABLE = 'Draw a picture of the numbers in this list.';

function drawn(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32LE();
}

function sumOf(question: string): number {
  const [, input = ''] = question.split('\n\n');
  return [...input.matchAll(/\d+/gu)].reduce((sum, [digits]) => sum + Number(digits), 0);
}

/** The one right answer to a task with its input. */
export function solutionOf(question: string): string {
  const sum = sumOf(question);
  return /\bodd\b/u.test(question) ? (sum % 2 === 0 ? 'even' : 'odd') : String(sum);
}

/** Nobody agrees on what this task asks for. */
export const DISPUTED = TASKS[5] ?? '';
/** Whoever writes its instances adds up wrongly; whoever votes does not. */
export const MISCOUNTED = TASKS[2] ?? '';

function inputsFor(task: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = drawn(`${task} ${index}`);
    return `There are ${11 + (seed % 89)} first, and ${7 + (Math.floor(seed / 89) % 90)} after that.`;
  });
}

export const SELF_INSTRUCT_MODEL: Handlers = {
  self_instruct_tasks: ({ body }) => {
    const first = drawn(JSON.stringify(body.messages)) % TASKS.length;
    const told = [...TASKS.slice(first), ...TASKS.slice(0, first)].slice(0, 6);
    return { tasks: [...told, ECHOES[first] ?? '', UNDOABLE] };
  },
  instances_kind: ({ first }) => {
    const isLabel = first('task').includes('odd');
    return { reasoning: 'looked at it', few_answers: isLabel, answers: isLabel ? ['even', 'odd'] : [] };
  },
  instances_output_first: ({ first }) => ({
    instances: inputsFor(first('task'), 2).map((input) => ({
      output: solutionOf(`${first('task')}\n\n${input}`),
      input,
    })),
  }),
  instances_input_first: ({ first }) => ({
    instances: inputsFor(first('task'), 2).map((input) => {
      const sum = sumOf(`\n\n${input}`);
      return { input, output: String(first('task') === MISCOUNTED ? sum + 1 : sum) };
    }),
  }),
  text: ({ first, body }) => {
    const question = first('question');
    const sample = Math.floor(Number(body['seed'] ?? 0) / 3);
    const answer = question.startsWith(DISPUTED) ? sumOf(question) + sample : solutionOf(question);
    return `There are several numbers.\nAnswer: ${answer}`;
  },
};

/** Web pages about rivers, most with a question and its solution at their end, some with a flaw. */
export function quizPages(): readonly { readonly name: string; readonly text: string }[] {
  return riverDocuments().map(({ name, text }, index) => {
    const [, river = '', length = ''] = /The river (\w+) is (\d+) kilometres long/u.exec(text) ?? [];
    // The third page states a wrong solution, the last one has no question.
    const solution = index === 2 ? Number(length) + 10 : length;
    const quiz = `\n\n## Test yourself\n\nExercise ${index + 1}. How many kilometres long is it?\n\nSolution: ${solution} kilometres\n`;
    return { name: `${river.toLowerCase()}-${name}`, text: index === 7 ? text : `${text}${quiz}` };
  });
}

/** The river of a page and its length, as the page's prose has it. */
function riverIn(page: string): readonly [name: string, length: string] {
  const [, name = '', length = ''] = /The river (\w+) is (\d+) kilometres long/u.exec(page) ?? [];
  return [name, length];
}

export const PAGE_MODEL: Handlers = {
  extract_pairs_passage: ({ first }) => {
    const page = first('passage');
    const [river] = riverIn(page);
    const [, solution] = /Solution: (\d+ kilometres)/u.exec(page) ?? [];
    if (solution === undefined) return { pairs: [] };
    const asked = { question_start: 'How many kilometres long is it', answer: solution };
    const found = {
      ...asked,
      question: 'How many kilometres long is it?',
      evidence: `Solution: ${solution}`,
    };
    // On one page the model makes up a question of its own.
    const invented = {
      question_start: 'Which fish live',
      question: `Which fish live in the ${river}?`,
      answer: 'trout',
      evidence: 'trout',
    };
    return { pairs: river === 'Corva' ? [found, invented] : [found] };
  },
  refine_pair: ({ first }) => {
    const [river, length] = riverIn(first('passage'));
    const isRight = first('answer') === `${length} kilometres`;
    return {
      reasoning: 'The page says how long it is.',
      question: `How long is the river ${river}, in kilometres?`,
      answer: `${length} kilometres`,
      answer_is: river === 'Brenta' ? 'unsure' : isRight ? 'right' : 'corrected',
    };
  },
};

/** Problems of one kind: two numbers, and their sum asked for. */
export const WORD_PROBLEMS: readonly { readonly question: string; readonly answer: string }[] = [
  ['Ana', 12, 30],
  ['Bruno', 45, 17],
  ['Carla', 23, 58],
  ['Dario', 64, 19],
].map(([name = '', red = 0, blue = 0]) => ({
  question: `${name} has ${red} red pens and ${blue} blue pens. How many pens has ${name} altogether?`,
  answer: String(Number(red) + Number(blue)),
}));
/** Whoever puts this one's question in other words gets a number wrong. */
export const MISREAD = 'Bruno';

/** What is asked for: the sum of two numbers, or with a letter for one of them and the sum told, that one. */
export function answerTo(question: string): number {
  const [first = 0, second = 0] = [...question.matchAll(/\d+/gu)].map(([digits]) => Number(digits));
  return question.includes('stand for') ? Math.abs(first - second) : first + second;
}

export const METAMATH_MODEL: Handlers = {
  rephrase_question: ({ first, body }) => {
    const [, name = '', red = '', blue = ''] =
      /^(\w+) has (\d+) red pens and (\d+) blue/u.exec(first('question')) ?? [];
    const read = name === MISREAD ? Number(red) + 1 : red;
    return {
      question:
        Number(body['seed'] ?? 0) % 2 === 0
          ? `In the pencil case of ${name} lie ${read} red and ${blue} blue pens. What is the number of all of them?`
          : `Count what ${name} writes with: ${read} pens are red, ${blue} are blue. Which number do you come to?`,
    };
  },
  self_verification_statement: ({ first }) => ({
    statement: first('question').replace(
      /How many pens has (\w+) altogether\?/u,
      `Altogether $1 has ${first('answer')} pens.`,
    ),
  }),
  // Thinks aloud at different lengths, and is wrong about every question once.
  text: ({ first, body }) => {
    const sample = Number(body['seed'] ?? 0) % 4;
    const answer = answerTo(first('question')) + (sample === 3 ? 1 : 0);
    return `${'Let us see. '.repeat(sample + 1)}\nAnswer: ${answer}`;
  },
};
