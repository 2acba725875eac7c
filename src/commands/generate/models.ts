// Builds the models that a recipe's stages ask: endpoints, keys, limits, one budget for all of them.

import { OpenAiLanguageModel } from '../../adapters/openai-language-model.ts';
import { apiKeyVariable, readKey, type Settings } from '../../config.ts';
import { type GeneratorModel } from '../../core/generation-recipe.ts';
import type { ModelEndpoint } from '../../core/model-access.ts';
import type { RecipeModel } from '../../generate/engine/ask.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ServingEndpoint } from '../../services/language-models/assemble-asking.ts';
import type { Budget } from '../../services/language-models/budget.ts';
import { assembleManagedModel } from '../../services/language-models/managed-model.ts';

export const GENERATOR_MODEL_DEFAULTS = { temperature: 0.7, maxTokens: 4_096 } as const;

export interface ModelSurroundings {
  readonly clock: Clock;
  readonly modelUrl: Settings['modelUrl'];
  /** Undefined: no limit. */
  readonly budget: Budget | undefined;
  readonly seed: number;
}

/** @throws EnvError that names the setting at fault, `SettingsError` for a key that the environment lacks */
export function openModel(model: GeneratorModel, around: ModelSurroundings): RecipeModel {
  const { clock, budget, seed, modelUrl } = around;
  const endpoints = model.endpoints.length > 0 ? model.endpoints : [defaultEndpoint(modelUrl)];
  return {
    managed: assembleManagedModel(model, {
      endpoints: endpoints.map((endpoint) => openEndpoint(endpoint, clock)),
      clock,
      budget,
    }),
    temperature: model.temperature ?? GENERATOR_MODEL_DEFAULTS.temperature,
    maxTokens: model.maxTokens ?? GENERATOR_MODEL_DEFAULTS.maxTokens,
    seed,
  };
}

function openEndpoint({ baseUrl, apiKeyEnv, weight }: ModelEndpoint, clock: Clock): ServingEndpoint {
  const apiKey = apiKeyEnv === undefined ? undefined : readKey(apiKeyEnv);
  return { name: new URL(baseUrl).host, model: new OpenAiLanguageModel({ baseUrl, apiKey, clock }), weight };
}

function defaultEndpoint(baseUrl: string): ModelEndpoint {
  return { baseUrl, apiKeyEnv: apiKeyVariable(baseUrl), weight: 1 };
}
