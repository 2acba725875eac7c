// Figures of a training as people read them, the same in the terminal and in the report.

import type { CompletionOutcome } from '../../core/score.ts';

const MINUTE = 60;
const HOUR = 3_600;

/** "0.854"; a dash for what is not there. */
export function figure(value: number | undefined, digits = 3): string {
  return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);
}

/** Three digits that count, also of what is very small: "0.00142", "1.2e-7". */
export function smallFigure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}

export function percent(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? '–' : `${Math.round(share * 100)} %`;
}

export function whole(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** "0:07", "12:30", "1:02:03"; a dash where nobody knows. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–';
  const all = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [
    Math.floor(all / HOUR),
    Math.floor((all % HOUR) / MINUTE),
    String(all % MINUTE).padStart(2, '0'),
  ];
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** What a completion earned. */
export function earned(outcome: CompletionOutcome): string {
  return outcome.kind === 'unscorable' ? outcome.unscorable.cause : figure(outcome.reward, 2);
}
