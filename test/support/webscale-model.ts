// Made-up towns as documents, and what a stand-in model says of them to the stages of Webscale-RL: a fixed function of what it is
// shown, with one of each flaw that generators have.

import type { DocumentSource } from '../../src/ports/document-source.ts';
import type { Asked, Handlers } from './generation-model.ts';

/** Passage `n`: three facts that nobody else states, in well over fifty tokens. */
export function townText(n: number): string {
  return (
    `The town of Arnheim-${n} lies in a bend of the river Vesta, between vineyards and old quarries. ` +
    `It received its charter in the year ${1200 + n}, and it has held a market every week since then. ` +
    `The tower of its town hall is ${40 + n} metres high; a local mason named ${masonOf(n)} built it from grey stone. ` +
    `Its archive has kept nearly every letter of the council, and historians of trade like to work there.`
  );
}

function masonOf(n: number): string {
  return `Odo${['mar', 'win', 'bert', 'lac'][n % 4]} ${String.fromCharCode(65 + (n % 26))}${'aeiou'[n % 5]}nter`;
}

export function townDocuments(count: number): DocumentSource {
  let read = 0;
  return {
    bytesTotal: count,
    bytesRead: () => read,
    async *documents() {
      for (read = 0; read < count;) {
        const text = read % 10 === 9 ? 'Home | Shop' : townText(read);
        const span = { start: 0, end: Buffer.byteLength(text) };
        const common = { title: undefined, license: undefined, text, span };
        yield {
          kind: 'document' as const,
          passages: [{ documentId: `town-${read}`, source: `towns/${read}.txt`, ...common }],
        };
        read += 1;
      }
    },
  };
}

/** The town that a question or a passage is about. */
function townIn(text: string): number {
  return Number(/Arnheim-(\d+)/u.exec(text)?.[1] ?? -1);
}

function pairsFor({ first, shown }: Asked): object {
  const passage = first('passage');
  const n = townIn(passage);
  const town = `the town of Arnheim-${n}`;
  const year = {
    // Every fifth cites the passage, and says nothing of the town.
    question:
      n % 5 === 1
        ? 'According to the passage, in which year was the charter received?'
        : `In which year did ${town} receive its charter?`,
    answer: `${1200 + n}`,
    answer_type: 'number',
    aliases: [],
    evidence: `received its charter in  the year ${1200 + n}`,
  };
  const height = {
    // Every seventh gives its answer away, and cannot be mended.
    question:
      n % 7 === 2
        ? `Is the tower of the town hall of Arnheim-${n} ${40 + n} metres high?`
        : `How high is the tower of the town hall of Arnheim-${n}?`,
    answer: `${40 + n} m`,
    answer_type: 'quantity',
    aliases: [],
    // Every sixth quotes what the passage does not say.
    evidence: n % 6 === 3 ? 'The tower is very high' : `The tower of its town hall is ${40 + n} metres high`,
  };
  const mason = {
    question: `Who built the tower of the town hall of Arnheim-${n}?`,
    answer: masonOf(n),
    answer_type: 'text',
    aliases: [`mason ${masonOf(n)}`],
    evidence: `a local mason named ${masonOf(n)} built it`,
  };
  // Every eighth asks for the same fact a second time.
  const third =
    n % 8 === 4 ? { ...year, question: `What is the year of the charter of Arnheim-${n}?` } : mason;
  const written = [year, height, third].map((pair, index) => ({ reader: index + 1, ...pair }));
  return { pairs: written.slice(0, Math.max(1, shown('personas').length)) };
}

export const TOWN_HANDLERS: Handlers = {
  filter_passage: ({ first }) => {
    const isGood = townIn(first('passage')) % 11 !== 7;
    return {
      reasoning: 'Looked at it.',
      informative: true,
      self_contained: true,
      deep_enough: isGood,
      answerable: true,
    };
  },
  identify_passage: ({ first }) => {
    const n = townIn(first('passage'));
    const domain = n % 3 === 0 ? 'Towns' : 'travel and lifestyle';
    return {
      reasoning: 'Towns.',
      domain,
      personas: ['historian, of trade', 'Tourist', 'tourist', 'mason', 'child'],
    };
  },
  generate_pairs: pairsFor,
  repair_question: ({ first }) => {
    const n = townIn(first('passage'));
    const isMended = first('question').startsWith('According');
    return {
      possible: isMended,
      question: isMended ? `In which year did Arnheim-${n} receive its charter?` : '',
    };
  },
  check_pair: (asked) => {
    const n = townIn(asked.first('question'));
    // Every ninth is a close call, and the votes that follow are two to one for it.
    const isHot = asked.body['temperature'] !== 0;
    const correct = !(asked.first('question').startsWith('Who') && n % 4 === 1);
    return {
      reasoning: 'Compared.',
      correct,
      leaks_answer: false,
      enough_context: n >= 0,
      sure: isHot || n % 9 !== 0,
    };
  },
  label_agreement_answer: ({ first }) => {
    const n = townIn(first('question'));
    const question = first('question');
    const answer = question.includes('year')
      ? `${1200 + n}`
      : question.startsWith('How')
        ? `${40 + n} metres`
        : masonOf(n);
    return { reasoning: 'Read it.', answerable: true, answer: n % 13 === 5 ? '1' : answer };
  },
  text: (asked) => {
    const n = townIn(asked.first('question'));
    const isKnown = n % 2 === 0 ? asked.first('question').includes('year') : false;
    return isKnown ? `Thinking. <answer>${1200 + n}</answer>` : '<answer>I do not know</answer>';
  },
};
