// The language library, opened when a stage first asks it something: its model takes a while to load, and most recipes need none.

import { createWinkAnalyser } from '../../adapters/wink-analyser.ts';
import type { TextAnalyser } from '../../ports/text-analysis.ts';

export function lazyAnalyser(): TextAnalyser {
  let opened: TextAnalyser | undefined;
  const analyser = (): TextAnalyser => (opened ??= createWinkAnalyser());
  return {
    analyse: (text) => analyser().analyse(text),
    dateIn: (text) => analyser().dateIn(text),
  };
}
