import { describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { decoderConfigOf } from '../../../../src/trainer/engine/decoder/config.ts';
import { tinyModel } from '../../../../src/trainer/models/tiny.ts';

describe('tinyModel()', () => {
  it('says how large it is', () => {
    // 257·128 + 2·(4·128² + 3·128·384 + 2·128) + 128
    expect(tinyModel({ vocabulary: 257, end: 256 }).description).toBe('tiny decoder, 0.46 M parameters');
  });

  it('has first values for all that is trained, the same for the same seed', () => {
    const model = tinyModel({ vocabulary: 11, end: 10, width: 16, layers: 1, heads: 2 });
    const values = model.firstValues(createRandom(4));
    expect([...values.keys()]).toEqual(model.trained.map(({ name }) => name));
    for (const { name, dims } of model.trained)
      expect(values.get(name)?.length).toBe(dims.reduce((size, dim) => size * dim, 1));
    expect(model.firstValues(createRandom(4))).toEqual(values);
    expect(model.firstValues(createRandom(5))).not.toEqual(values);
  });

  it('has a config.json that gives its own configuration again', () => {
    const model = tinyModel({ vocabulary: 11, end: 10, width: 24, inner: 40, layers: 3, heads: 3 });
    const file: unknown = JSON.parse(model.format.files['config.json'] ?? '');
    expect(decoderConfigOf(file)).toEqual(model.config);
    expect(file).toMatchObject({ model_type: 'llama', eos_token_id: 10, tie_word_embeddings: true });
  });

  it('refuses heads that do not share the width evenly', () => {
    expect(() => tinyModel({ vocabulary: 11, end: 10, width: 16, heads: 3 })).toThrow(/config\.json/);
  });
});
