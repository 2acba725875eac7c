// Any model behind an OpenAI-compatible API, to be evaluated: chat completions, asked with the patience of the dataset engine.

import { SystemClock } from '../../adapters/system-clock.ts';
import { apiKeyVariable, type Settings } from '../../config.ts';
import type { Completion } from '../../core/completion.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { Message } from '../../core/prompt.ts';
import { hash32 } from '../../core/random.ts';
import type { ManagedModel, ManagedReply } from '../../ports/managed-model.ts';
import type { Respondent, Responses } from '../../trainer/evaluation/respondent.ts';
import { openModel } from '../generate/models.ts';

export interface ApiModelFlags {
  readonly apiModel: string;
  readonly apiUrl?: string | undefined;
  readonly apiKeyEnv?: string | undefined;
  readonly concurrency: number;
}

/** Prompts at once, for each call at once: the next ones begin before the slowest has ended. */
const PROMPTS_PER_CALL = 4;

/** @throws EnvError `invalid_argument`, `SettingsError` for a key that the environment lacks */
export function apiRespondent(
  { apiModel, apiUrl, apiKeyEnv, concurrency }: ApiModelFlags,
  settings: Pick<Settings, 'modelUrl'>,
): Respondent {
  const baseUrl = apiUrl ?? settings.modelUrl;
  if (!/^https?:/u.test(URL.parse(baseUrl)?.protocol ?? ''))
    throw invalidArgument('--api-url', `Cannot use --api-url: "${baseUrl}" is no http or https URL`);
  const { managed } = openModel(
    {
      name: 'policy',
      model: apiModel,
      endpoints: [{ baseUrl, apiKeyEnv: apiKeyEnv ?? apiKeyVariable(baseUrl), weight: 1 }],
      concurrencyMax: concurrency,
    },
    { clock: new SystemClock(), modelUrl: settings.modelUrl, budget: undefined, seed: 0 },
  );
  return {
    description: `${apiModel} at ${new URL(baseUrl).host}`,
    promptsAtOnce: concurrency * PROMPTS_PER_CALL,
    async respond(prompts, plan) {
      const responses = await Promise.all(
        prompts.map(async (prompt, index): Promise<Responses> => {
          const replies = await Promise.all(
            Array.from({ length: plan.count }, (_, sample) => ask(managed, prompt, plan, [index, sample])),
          );
          return responsesOf(replies);
        }),
      );
      requireSome(responses);
      return responses;
    },
  };
}

function ask(
  model: ManagedModel,
  messages: readonly Message[],
  plan: Parameters<Respondent['respond']>[1],
  place: readonly number[],
): Promise<ManagedReply> {
  const { temperature, tokensMax, seed, part, signal } = plan;
  // A server that knows seeds would give one seed the same completion again and again.
  const request = {
    messages,
    temperature,
    maxTokens: tokensMax,
    seed: hash32(seed, part, ...place) % 2 ** 31,
  };
  return model.reply(request, signal);
}

/** All of a prompt's completions or none: a group with less than its size would wait for the rest. */
function responsesOf(replies: readonly ManagedReply[]): Responses {
  const completions: Completion[] = [];
  for (const reply of replies) {
    if (reply.kind !== 'reply') {
      return { kind: 'none', detail: 'detail' in reply ? reply.detail : reply.kind };
    }
    const { text, finishReason, usage } = reply.reply;
    completions.push({
      text,
      // A refusal is a whole completion, and no answer.
      finishReason: finishReason === 'length' ? 'length' : 'stop',
      tokenCount: usage?.completionTokens,
    });
  }
  return { kind: 'completions', completions };
}

/** Where not one of many prompts gets an answer, the next ones will not either. */
function requireSome(responses: readonly Responses[]): void {
  const [first] = responses;
  if (first?.kind !== 'none' || responses.some(({ kind }) => kind === 'completions')) return;
  throw new EnvError('unavailable', `Cannot evaluate: the model gives no completions (${first.detail})`);
}
