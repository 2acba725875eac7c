import { describe, expect, test } from 'vitest';
import { loadPromptDataFiles } from '../../../../src/adapters/prompt-data-files.ts';
import type { PassageItem } from '../../../../src/generate/item.ts';
import { domainSlug, domainsOf } from '../../../../src/generate/stages/domains.ts';
import { drawExamples, readExamples } from '../../../../src/generate/stages/examples.ts';
import { generate } from '../../../../src/generate/stages/generate.ts';
import { flawOf, USUAL_LIMITS } from '../../../../src/generate/stages/string-flaws.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { textAtBytes } from '../../../../src/core/quote-search.ts';
import { pairFrom, passageItem } from '../../../support/passages.ts';
import { runStage, scripted, stageTools, type Reply } from '../../../support/stage-world.ts';

const TEXT =
  'Naïve guesses fail. The Forth Bridge was opened on 4 March 1890.\nEach of its two main spans is 521 metres long.';
const ITEM = passageItem(TEXT, {
  domain: 'Technology & Engineering',
  personas: ['engineer, retired', 'historian', 'tourist'],
  notes: { seen: 1 },
});
const OPENED = {
  reader: 1,
  question: 'When was the Forth Bridge opened?',
  answer: ' 4  March 1890',
  aliases: ['1890-03-04', ' ', '1890-03-04'],
  answer_type: 'Date',
  evidence: 'The Forth Bridge was opened on 4 March 1890.',
};
const LENGTH = {
  reader: 2,
  question: 'How long is each main span of the Forth Bridge?',
  answer: '521 metres',
  aliases: [],
  answer_type: 'length',
  evidence: 'two main spans is 521 metres',
};

async function written(reply: Reply | object, options: object = {}, item: PassageItem = ITEM) {
  const asked: Readonly<Record<string, unknown>>[] = [];
  const ask = scripted((question) => {
    asked.push(question.values);
    return typeof reply === 'function' ? (reply as Reply)(question) : reply;
  });
  const tools = stageTools({ ask, data: loadPromptDataFiles() });
  const [outcome] = await runStage(generate.prepare(options).stage, [item], tools);
  if (outcome === undefined) throw new Error('no outcome');
  const pairs = outcome.kept.flatMap((kept) => (kept.kind === 'pair' ? [kept] : []));
  return { pairs, drops: outcome.drops, reasons: outcome.drops.map(({ reason }) => reason), asked };
}

const oneEach: Reply = ({ values }) => ({
  pairs: [{ ...((values['personas'] as string[])[0] === 'historian' ? OPENED : LENGTH), reader: 7 }],
});

describe('generate', () => {
  test('makes a pair for each persona of one reply, with evidence in bytes and a share of the cost', async () => {
    const { pairs, drops, asked } = await written({ pairs: [LENGTH, OPENED] });
    expect(asked).toHaveLength(1);
    expect(drops).toEqual([{ reason: 'nothing_written', detail: 'tourist' }]);
    expect(pairs).toMatchObject([
      {
        key: '0000000000.0000',
        costUsd: 0.0005,
        notes: { seen: 1 },
        passage: ITEM.passage,
        draft: {
          question: OPENED.question,
          answer: '4 March 1890',
          aliases: ['1890-03-04'],
          answerType: 'date',
          domain: 'Technology & Engineering',
          persona: 'engineer, retired',
          generator: 'generate',
          written: { prompt: 'generate/pairs', model: 'scripted' },
        },
      },
      // A type that nobody knows is told from the answer later.
      { key: '0000000000.0001', draft: { persona: 'historian', answerType: undefined } },
    ]);
    for (const { draft, passage } of pairs) {
      expect(draft.evidence && passage && textAtBytes(passage.text, draft.evidence, 100)).toContain(
        draft.answer,
      );
    }
  });

  test('asks for each persona by itself where the recipe says so, with the same keys', async () => {
    const { pairs, asked } = await written(oneEach, { calls: 'apart' });
    expect(asked.map(({ personas }) => personas)).toEqual([
      ['engineer, retired'],
      ['historian'],
      ['tourist'],
    ]);
    expect(pairs.map(({ key, draft }) => [key, draft.persona])).toEqual([
      ['0000000000.0000', 'engineer, retired'],
      ['0000000000.0001', 'historian'],
    ]);
    expect(pairs[0]?.costUsd).toBe(0.001);
  });

  test('writes one pair for nobody in particular where a passage has no personas', async () => {
    const { pairs } = await written({ pairs: [OPENED] }, {}, passageItem(TEXT));
    expect(pairs).toMatchObject([{ draft: { persona: undefined, domain: undefined } }]);
  });

  test('drops a fact that is asked for a second time, whoever asks', async () => {
    const again = {
      ...OPENED,
      reader: 3,
      question: 'On what day did it open?',
      answer: '1890-03-04',
      evidence: '4 March 1890',
    };
    const { pairs, drops } = await written({ pairs: [OPENED, LENGTH, again] });
    expect(pairs).toHaveLength(2);
    expect(drops).toMatchObject([{ reason: 'same_fact' }]);
    expect(drops[0]?.detail).toContain(OPENED.question);
  });

  test.each([
    [
      'one answer proved in two places',
      'The gate is 9 m wide. The wall is 9 m high.',
      '9 m',
      '9 m',
      'wall is 9 m high',
    ],
    [
      'two answers proved in one place',
      'The gate is 9 m wide and red.',
      '9 m',
      'red',
      'gate is 9 m wide and red',
    ],
  ])('takes %s for two facts', async (_, text, answer, other, evidence) => {
    const gate = { ...OPENED, answer, aliases: [], answer_type: '', evidence: 'The gate is 9 m wide' };
    const item = passageItem(text, { personas: ['a', 'b'] });
    const { pairs } = await written(
      { pairs: [gate, { ...gate, reader: 2, answer: other, evidence }] },
      {},
      item,
    );
    expect(pairs).toHaveLength(2);
  });

  test('counts each pair that it cannot use under a reason of its own', async () => {
    const { pairs, reasons } = await written({
      pairs: [
        { ...OPENED, evidence: 'opened in 1891' },
        LENGTH,
        { ...LENGTH, reader: 2 },
        { ...LENGTH, reader: 9 },
      ],
    });
    expect(pairs).toHaveLength(1);
    expect(reasons).toEqual(['more_than_asked', 'more_than_asked', 'evidence_not_found', 'nothing_written']);
  });

  test('keeps a pair without evidence where the recipe says so, and notes it', async () => {
    const { pairs } = await written({ pairs: [{ ...OPENED, evidence: 'gone' }] }, { lost_evidence: 'note' });
    expect(pairs).toMatchObject([
      { draft: { evidence: undefined }, notes: { seen: 1, generate: 'evidence_not_found' } },
    ]);
  });

  test.each([
    ['no reply', undefined],
    ['a pair without evidence', { pairs: [{ question: 'a?', answer: 'b' }] }],
    ['a pair by itself', OPENED],
  ])('counts %s as unreadable', async (_, reply) => {
    const { pairs, reasons } = await written(() => reply);
    expect(pairs).toEqual([]);
    expect(reasons).toEqual(['unreadable_reply']);
  });

  test('keeps maths as it was written', async () => {
    const text = String.raw`The kinetic energy is $\frac{1}{2} m v^2$ for a \theta of \times.`;
    const answer = String.raw`\frac{1}{2} m v^2`;
    const { pairs } = await written(
      { pairs: [{ ...OPENED, answer, aliases: [], answer_type: 'math', evidence: text }] },
      {},
      passageItem(text),
    );
    expect(pairs[0]?.draft.answer).toBe(answer);
  });

  test('shows examples of the domain, as many as the recipe says, the same for the same item', async () => {
    const first = await written({ pairs: [OPENED] }, { shots: 2 });
    const second = await written({ pairs: [OPENED] }, { shots: 2 });
    expect(first.asked).toEqual(second.asked);
    const shown = first.asked[0]?.['examples'] as readonly { readonly example_passage: string }[];
    const own = readExamples(loadPromptDataFiles(), 'generate/examples/technology-engineering');
    expect(shown).toHaveLength(2);
    for (const { example_passage: passage } of shown) {
      expect(own.map((example) => example.passage)).toContain(passage);
    }
    expect((await written({ pairs: [OPENED] }, { shots: 0 })).asked[0]?.['examples']).toEqual([]);
  });
});

describe('the examples that come along', () => {
  const data = loadPromptDataFiles();

  test.each(domainsOf(data).names)(
    'show at least three pairs of %s that pass our own string checks',
    (domain) => {
      const examples = readExamples(data, `generate/examples/${domainSlug(domain)}`);
      expect(examples.length).toBeGreaterThanOrEqual(3);
      for (const { passage, question, answer, answer_type: answerType, evidence } of examples) {
        expect(passage.length).toBeLessThan(600);
        const pair = pairFrom(passage, { question, answer, answerType, evidence });
        expect(flawOf(pair, USUAL_LIMITS)).toBeUndefined();
      }
    },
  );

  test('drawExamples() falls back to the common ones, and draws different ones', () => {
    const draw = { domain: 'Heraldry', count: 2, random: createRandom(3) };
    const drawn = drawExamples(data, draw);
    expect(new Set(drawn.map(({ passage }) => passage)).size).toBe(2);
    expect(readExamples(data, 'generate/examples/other')).toEqual(expect.arrayContaining([...drawn]));
  });

  test('readExamples() refuses an example whose evidence is made up', () => {
    const example = {
      passage: 'a b',
      persona: 'p',
      question: 'q?',
      answer: 'c',
      answer_type: 'text',
      evidence: 'c',
    };
    expect(() => readExamples({ find: () => [example] }, 'generate/examples/x')).toThrow(
      'evidence of example 1',
    );
  });
});
