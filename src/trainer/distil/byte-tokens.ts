// The tokenizer of a distilled verifier as a `tokenizer.json`: bytes, in the letters that byte-level tokenizers write them
// with, between the special tokens of BERT. No text has an unknown token, digits stand by themselves, and the file is read
// by whatever reads Hugging Face's.

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'] as const;
const BYTES = 256;

export const BYTE_VOCABULARY = SPECIAL.length + BYTES;
/** Ids below are no text. */
export const SPECIAL_TOKENS = SPECIAL.length;
export const PAD_ID = 0;

/** Texts are composed (NFC) and in lower case, and laid out as `[CLS] first [SEP] second [SEP]`. */
export function byteTokenizerJson(): object {
  const vocabulary = [...SPECIAL, ...byteLetters()];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: {
      type: 'TemplateProcessing',
      single: [special('[CLS]', 0), sequence('A', 0), special('[SEP]', 0)],
      pair: [
        special('[CLS]', 0),
        sequence('A', 0),
        special('[SEP]', 0),
        sequence('B', 1),
        special('[SEP]', 1),
      ],
      special_tokens: { '[CLS]': reference('[CLS]'), '[SEP]': reference('[SEP]') },
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges: [],
    },
  };
}

/** GPT-2's letter for each byte: itself where it can be printed, else the next free one from U+0100 on. */
function byteLetters(): readonly string[] {
  let free = 0x100;
  return Array.from({ length: BYTES }, (_, byte) => String.fromCodePoint(isShown(byte) ? byte : free++));
}

function isShown(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

function special(id: (typeof SPECIAL)[number], type: number): object {
  return { SpecialToken: { id, type_id: type } };
}

function sequence(id: string, type: number): object {
  return { Sequence: { id, type_id: type } };
}

function reference(content: (typeof SPECIAL)[number]): object {
  return { id: content, ids: [SPECIAL.indexOf(content)], tokens: [content] };
}
