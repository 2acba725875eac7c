// The arms that read texts: next-token loss on the very documents whose questions the first arm has answered, in the same order and
// graded after the same ones. One reads each document once. The other goes on reading what it has read, in batches drawn from it,
// until it has spent as much as the first arm at that point: equal source tokens and equal compute at once.

import { createRandom, hash32 } from '../../core/random.ts';
import { EnvError } from '../../core/errors.ts';
import { FlopMeter } from './flops.ts';
import { type ArmWorld, gradePoint } from './grade-point.ts';
import { type ArmPoint, type ArmRecord, streamWords } from './plan.ts';
import { textSequence } from './texts.ts';

const GRADIENT_NORM_MAX = 1;

/**
 * @param world its policy is the base, and is trained
 * @param first what the other arm read and spent
 */
export async function pretrain(
  arm: 'pretraining' | 'pretraining-repeated',
  world: ArmWorld,
  first: Pick<ArmRecord, 'points' | 'order'>,
): Promise<ArmRecord> {
  const startedAt = performance.now();
  const { seed, plan, parameters } = world;
  const meter = new FlopMeter(parameters);
  const random = createRandom(hash32(...streamWords(seed, 'repeats')));
  const points: ArmPoint[] = [];
  let read = 0;
  for (const { documents, flops } of first.points) {
    for (; read < documents; read = Math.min(documents, read + plan.documentsPerStep)) {
      const next = first.order.slice(read, Math.min(documents, read + plan.documentsPerStep));
      await readTexts(next, world, meter);
    }
    const seen = first.order.slice(0, read);
    const flopsMin = arm === 'pretraining-repeated' && seen.length > 0 ? flops : 0;
    while (meter.flops < flopsMin) {
      const again = Array.from(
        { length: plan.documentsPerStep },
        () => seen[random.below(seen.length)] ?? '',
      );
      await readTexts([...new Set(again)], world, meter);
    }
    points.push(await nextPoint(world, points.at(-1), { documents: seen, meter }));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { arm, seed, points, order: first.order, seconds };
}

/** The last point again where nothing has happened to the policy since: it would be graded the same. */
async function nextPoint(
  world: ArmWorld,
  last: ArmPoint | undefined,
  used: Parameters<typeof gradePoint>[1],
): Promise<ArmPoint> {
  if (last?.updates !== used.meter.updates) return gradePoint(world, used);
  world.tell(last);
  return last;
}

async function readTexts(
  documents: readonly string[],
  { data, policy, plan, patience }: ArmWorld,
  meter: FlopMeter,
): Promise<void> {
  if (patience.signal?.aborted === true) throw new EnvError('cancelled', 'Stopped during pretraining');
  const texts = documents.flatMap((id) => {
    const record = data.source.get(id);
    return record === undefined ? [] : [textSequence(record, policy.tokenizer)];
  });
  const optimiser = { learningRate: plan.pretrainingLearningRate, gradientNormMax: GRADIENT_NORM_MAX };
  await meter.around(policy).supervise(texts, optimiser);
}
