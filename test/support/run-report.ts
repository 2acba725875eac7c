// A finished generation run, as its report tells it.

import type { RunReport, StageReport } from '../../src/generate/engine/funnel.ts';

export function stageReport(name: string, more: Partial<StageReport> = {}): StageReport {
  return {
    name,
    model: undefined,
    in: 0,
    kept: 0,
    made: 0,
    dropped: [],
    unfinished: { count: 0, examples: [] },
    calls: 0,
    cached: 0,
    unreadable: 0,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: 0,
    usedUsd: 0,
    lostUsd: 0,
    ...more,
  };
}

export function runReport(more: Partial<RunReport> = {}): RunReport {
  return {
    state: 'finished',
    stopped: undefined,
    elapsedMs: 12_345,
    source: {
      documents: 3,
      passages: 4,
      broken: [
        { reason: 'not_utf8', count: 1, examples: [{ item: 'photo.txt', detail: 'byte 0 is no text' }] },
      ],
      bytesRead: 100,
      bytesTotal: 100,
    },
    stages: [
      stageReport('generate', {
        model: 'teacher',
        in: 4,
        made: 9,
        calls: 4,
        cached: 1,
        costUsd: 0.02,
        usedUsd: 0.025,
        lostUsd: 0.005,
      }),
      stageReport('string_checks', {
        in: 9,
        kept: 6,
        dropped: [
          {
            reason: 'leaks_answer',
            count: 3,
            examples: [{ item: 'Is <b>radium</b> radium?', detail: 'the question has "radium"' }],
          },
        ],
      }),
    ],
    generated: 9,
    kept: 6,
    dropped: { leaks_answer: 3 },
    unfinished: 0,
    models: [
      {
        name: 'teacher',
        model: 'gpt-4.1',
        calls: 4,
        promptTokens: 4_000,
        completionTokens: 800,
        costUsd: 0.02,
      },
    ],
    calls: 4,
    costUsd: 0.02,
    ...more,
  };
}
