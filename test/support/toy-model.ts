// What the stand-in model says to the toy stages: a fixed function of the texts that it is shown.

import type { Handlers } from './generation-model.ts';

/** A passage "fact 7 …" is worth questions unless 7 is divisible by 5; of its two questions the second is wrong where 3 divides. */
export const TOY_HANDLERS: Handlers = {
  toy_filter: ({ first }) => ({ reasoning: 'looked at it', useful: numberIn(first('passage')) % 5 !== 0 }),
  toy_write: ({ first }) => {
    const number = numberIn(first('passage'));
    return {
      pairs: [
        { question: `What is fact ${number}?`, answer: `${number}` },
        { question: `What follows fact ${number % 40}?`, answer: `${(number % 40) + 1}` },
      ],
    };
  },
  toy_check: ({ first }) => ({
    right: !(first('question').startsWith('What follows') && numberIn(first('question')) % 3 === 0),
  }),
  text: ({ first }) => `In other words: ${first('question')}`,
};

function numberIn(text: string): number {
  return Number(/\d+/u.exec(text)?.[0] ?? 0);
}
