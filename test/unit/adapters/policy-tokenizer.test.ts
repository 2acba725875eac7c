import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PolicyTokenizer } from '../../../src/adapters/policy-tokenizer.ts';
import { openCheckpoint } from '../../../src/trainer/models/checkpoint.ts';
import { promptTokens } from '../../../src/trainer/prompt-tokens.ts';
import {
  checkpointFolder,
  CHECKPOINTS,
  expectedNumbers,
  type CheckpointName,
} from '../../support/checkpoints.ts';

function tokenizerOf(name: CheckpointName): PolicyTokenizer {
  const json = (file: string) => JSON.parse(readFileSync(join(checkpointFolder(name), file), 'utf8'));
  return new PolicyTokenizer({
    tokenizer: json('tokenizer.json'),
    config: json('tokenizer_config.json'),
    vocabulary: 290,
    end: 1,
  });
}

describe('PolicyTokenizer', () => {
  it.each(CHECKPOINTS)(
    'encode() of %s gives the ids of the reference implementation, and decode() the text',
    (name) => {
      const { texts } = expectedNumbers(checkpointFolder(name));
      expect(texts.length).toBeGreaterThan(5);
      const tokenizer = tokenizerOf(name);
      for (const { text, ids, prompt } of texts) {
        expect(tokenizer.encode(text)).toEqual(ids);
        expect(promptTokens(tokenizer, text)).toEqual(prompt);
        expect(tokenizer.decode(prompt)).toBe(text);
      }
    },
  );

  it('encode() spells out what looks like a special token', () => {
    const tokenizer = tokenizerOf('llama-tied');
    const ids = tokenizer.encode('a</s><s>b');
    expect(ids).not.toContain(0);
    expect(ids).not.toContain(1);
    expect(tokenizer.decode(ids)).toBe('a</s><s>b');
  });

  it('decode() leaves out special tokens and rows that no token has', () => {
    const tokenizer = tokenizerOf('qwen2');
    const ids = tokenizer.encode('85');
    expect(tokenizer.decode([0, ...ids, 289, 1])).toBe('85');
    expect(tokenizer.decode([289])).toBe('');
  });

  it('decode() of encode() is the text, whatever it is', () => {
    const tokenizer = tokenizerOf('llama-untied');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('PolicyTokenizer refuses an end that the model does not know, and files that are no tokenizer', () => {
    const options = { tokenizer: {}, config: {}, vocabulary: 290, end: 1 };
    expect(() => new PolicyTokenizer(options)).toThrow('Cannot use the tokenizer.json');
    const json = JSON.parse(readFileSync(join(checkpointFolder('qwen2'), 'tokenizer.json'), 'utf8'));
    expect(() => new PolicyTokenizer({ ...options, tokenizer: json, end: 290 })).toThrow(
      'token 290 is none of 290',
    );
  });

  it('openCheckpoint() makes the tokenizer of its folder', async () => {
    const { tokenizer } = await openCheckpoint(checkpointFolder('llama-tied'), {
      tokenizer: (parts) => new PolicyTokenizer(parts),
    });
    expect([tokenizer.end, tokenizer.vocabulary, tokenizer.prefix]).toEqual([1, 290, [0]]);
  });
});
