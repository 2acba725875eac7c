// A WordPiece tokenizer over ASCII: single characters, their continuations, and made-up words to fill the vocabulary up,
// so that no ASCII text has an unknown token and a text of so many words has about so many tokens.

import { Random } from '../../src/core/random.ts';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const SYLLABLES =
  'ba be bi bo bu da de di do du fa fe ka ke ki ko la le li lo ma me mi mo na ne no pa po ra re ri ro sa se si so ta te ti to va ve wa we za zo'.split(
    ' ',
  );
const KNOWN_WORDS =
  'the answer is of and to a in question what which city france paris river no yes not'.split(' ');

export interface WordPieces {
  readonly vocabulary: readonly string[];
  /** Whole words of the vocabulary. */
  readonly words: readonly string[];
}

export function makeWordPieces(size: number, seed: number): WordPieces {
  const characters = Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index)).filter(
    (character) => !/[A-Z]/u.test(character),
  );
  const pieces = [
    ...SPECIAL,
    ...characters,
    ...characters.filter((character) => /[a-z0-9]/u.test(character)).map((character) => `##${character}`),
  ];
  const words = new Set(KNOWN_WORDS.filter((word) => word.length > 1));
  const random = new Random([seed, 5, 6, 7]);
  while (pieces.length + words.size < size) {
    const syllables = Array.from(
      { length: 2 + (random.uint32() % 3) },
      () => SYLLABLES[random.uint32() % SYLLABLES.length],
    );
    words.add(syllables.join(''));
  }
  return { vocabulary: [...pieces, ...words], words: [...words] };
}

/** A `tokenizer.json` as Hugging Face writes it for BERT without case. */
export function tokenizerJson({ vocabulary }: WordPieces): object {
  const special = (content: string): object => ({
    id: vocabulary.indexOf(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const reference = (content: string): object => ({
    id: content,
    ids: [vocabulary.indexOf(content)],
    tokens: [content],
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [token('[CLS]', 0), sequence('A', 0), token('[SEP]', 0)],
      pair: [token('[CLS]', 0), sequence('A', 0), token('[SEP]', 0), sequence('B', 1), token('[SEP]', 1)],
      special_tokens: { '[CLS]': reference('[CLS]'), '[SEP]': reference('[SEP]') },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
    },
  };
}

function token(id: string, type: number): object {
  return { SpecialToken: { id, type_id: type } };
}

function sequence(id: string, type: number): object {
  return { Sequence: { id, type_id: type } };
}
