// How the demonstration looks: one group as a line of rewards and a line of advantages, then the books. Only words and
// colours; colours only where a terminal shows them.

import { styleText } from 'node:util';
import type { Accounting, CompletionResult, GroupResult, LeasedGroup } from '../../core/calls.ts';
import { formatCount, formatCounts, printLine } from '../options.ts';

const QUESTION_CHARS = 92;
const COLUMN = 7;

export function heading(text: string): void {
  printLine(`\n${styleText('bold', text)}`);
}

/** A leased group, what its completions earned, and what a trainer would multiply their log-probabilities with. */
export function showGroup(group: LeasedGroup, result: GroupResult): void {
  const question = group.prompt.at(-1)?.content.replaceAll(/\s+/g, ' ') ?? '';
  const shown = question.length > QUESTION_CHARS ? `${question.slice(0, QUESTION_CHARS - 1)}…` : question;
  const flags = result.flags.length === 0 ? '' : `   ${styleText('yellow', result.flags.join(', '))}`;
  printLine(`\n  ${styleText('cyan', group.groupId)}  ${shown}`);
  printLine(`    rewards     ${result.completions.map(rewardCell).join('')}${flags}`);
  printLine(`    advantages  ${result.completions.map(advantageCell).join('')}`);
}

export function showBooks(books: Accounting): void {
  const { leases, completions } = books;
  const lines = [
    [
      'leases',
      `completed ${leases.completed} + expired ${leases.expired} + released ${leases.released} + quarantined ${leases.quarantined} + open ${leases.open} = leased ${leases.leased}`,
    ],
    [
      'completions',
      `scored ${completions.scored} + unscorable ${completions.unscorable} + in flight ${completions.inFlight} = submitted ${completions.submitted}`,
    ],
    ['truncated', formatCount(completions.truncated)],
    [
      'unscorable',
      completions.unscorableByCause.length === 0 ? 'none' : formatCounts(completions.unscorableByCause),
    ],
    ['mean reward', books.meanReward?.toFixed(3) ?? '–'],
    ['pass rate', percent(books.passRate)],
    ['zero-variance groups', `${books.zeroVarianceGroups} (${percent(books.zeroVarianceShare)})`],
  ] as const;
  for (const [name, value] of lines) printLine(`  ${name.padEnd(22)}${value}`);
}

function rewardCell({ outcome }: CompletionResult): string {
  if (outcome.kind === 'unscorable') return styleText('magenta', '–'.padStart(COLUMN));
  const text = outcome.reward.toFixed(0).padStart(COLUMN);
  return styleText(outcome.reward >= 1 ? 'green' : 'dim', text);
}

function advantageCell({ advantage }: CompletionResult): string {
  if (advantage === undefined) return '?'.padStart(COLUMN);
  const text = `${advantage > 0 ? '+' : ''}${advantage.toFixed(2)}`.padStart(COLUMN);
  if (advantage === 0) return styleText('dim', text);
  return styleText(advantage > 0 ? 'green' : 'red', text);
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
}
