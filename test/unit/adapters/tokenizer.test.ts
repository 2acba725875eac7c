import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { makeWordPieces, tokenizerJson } from '../../../scripts/models/word-pieces.ts';
import { shareRoom, TextTokenizer } from '../../../src/adapters/tokenizer.ts';

const pieces = makeWordPieces(400, 11);
const json = tokenizerJson(pieces);

function tokenizer(
  options: { readonly tokensMax?: number; readonly typeCount?: number; readonly side?: string } = {},
) {
  const { tokensMax = 512, typeCount = 2, side } = options;
  return new TextTokenizer({ tokenizer: json, config: { truncation_side: side }, tokensMax, typeCount });
}

function piecesOf({ ids }: { readonly ids: Int32Array }): string {
  return Array.from(ids, (id) => pieces.vocabulary[id]).join(' ');
}

/** Ids as the Rust library `tokenizers` 0.23 gives them for the same `tokenizer.json`, truncated at `max`. */
const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/word-piece-ids.json', import.meta.url), 'utf8'),
) as readonly {
  readonly first: string;
  readonly second: string | null;
  readonly max: number;
  readonly ids: readonly number[];
  readonly types: readonly number[];
}[];

describe('TextTokenizer', () => {
  it('encode() gives the ids and types of the reference implementation, truncation included', () => {
    expect(recorded.length).toBeGreaterThan(20);
    for (const { first, second, max, ids, types } of recorded) {
      const found = tokenizer({ tokensMax: max }).encode({ first, second: second ?? undefined });
      expect({ first, second, max, ids: [...found.ids], types: [...found.typeIds] }).toEqual({
        first,
        second,
        max,
        ids,
        types,
      });
    }
  });

  it('encode() never lets a text write a special token', () => {
    const special = new Set(
      ['[CLS]', '[SEP]', '[PAD]', '[MASK]'].map((name) => pieces.vocabulary.indexOf(name)),
    );
    for (const text of ['no [SEP] yes', '[CLS]', '[SEP][SEP]', '[PAD] [MASK] a', '[sep]']) {
      const { ids } = tokenizer().encode({ first: 'question', second: text });
      const inside = [...ids].filter((id) => special.has(id)).length;
      expect(inside).toBe(3);
    }
    expect(piecesOf(tokenizer().encode({ first: 'no [SEP]' }))).toBe('[CLS] no [ s ##e ##p ] [SEP]');
  });

  it('encode() drops a special token that the vocabulary itself would match', () => {
    // A Unigram model has its control tokens among its pieces, with the best score of all.
    const unigram = {
      added_tokens: [
        { id: 1, content: '</s>', special: true, normalized: false, lstrip: false, rstrip: false },
      ],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
        pair: [],
        special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
      },
      decoder: null,
      model: {
        type: 'Unigram',
        unk_id: 0,
        vocab: [
          ['<unk>', 0],
          ['</s>', 0],
          ['a', -1],
          ['b', -1],
        ],
      },
    };
    const unsafe = new TextTokenizer({
      tokenizer: unigram,
      config: { unk_token: '<unk>', eos_token: '</s>' },
      tokensMax: 9,
      typeCount: 1,
    });
    expect([...unsafe.encode({ first: 'a</s>b' }).ids]).toEqual([2, 3, 1]);
  });

  it('encode() says when it cut, and where the model wants it cut', () => {
    const whole = tokenizer().encode({ first: 'a b c d' });
    expect([whole.isTruncated, piecesOf(whole)]).toEqual([false, '[CLS] a b c d [SEP]']);
    const right = tokenizer({ tokensMax: 4 }).encode({ first: 'a b c d' });
    expect([right.isTruncated, piecesOf(right)]).toEqual([true, '[CLS] a b [SEP]']);
    const left = tokenizer({ tokensMax: 4, side: 'left' }).encode({ first: 'a b c d' });
    expect([left.isTruncated, piecesOf(left)]).toEqual([true, '[CLS] c d [SEP]']);
  });

  it('encode() looks at no more of a long text than can be kept', () => {
    const long = tokenizer({ tokensMax: 8 }).encode({ first: 'a '.repeat(5_000_000) });
    expect([long.isTruncated, long.ids.length]).toEqual([true, 8]);
  });

  it('encode() gives no types to a network that does not tell them apart', () => {
    expect([...tokenizer({ typeCount: 1 }).encode({ first: 'a', second: 'b' }).typeIds]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it('encode() takes an empty text', () => {
    expect(piecesOf(tokenizer().encode({ first: '' }))).toBe('[CLS] [SEP]');
    expect(piecesOf(tokenizer().encode({ first: '', second: '' }))).toBe('[CLS] [SEP] [SEP]');
  });
});

describe('shareRoom()', () => {
  it.each([
    [10, 4, 5, [4, 5]],
    [10, 9, 9, [5, 5]],
    [10, 2, 30, [2, 8]],
    [10, 30, 2, [8, 2]],
    [5, 9, 9, [2, 3]],
    [5, 10, 9, [3, 2]],
    [0, 3, 3, [0, 0]],
  ] as const)('shareRoom() of %d tokens between %d and %d', (room, a, b, kept) => {
    expect(shareRoom(room, a, b)).toEqual(kept);
  });
});
