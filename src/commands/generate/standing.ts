// How far a run is, in one line: what was read and made, how fast it asks, what it has cost.

import type { RunForecast } from '../../generate/engine/estimate.ts';
import type { RunReport } from '../../generate/engine/funnel.ts';
import { formatCount } from '../options.ts';
import type { Standing } from '../progress.ts';
import { formatUsd } from './show-plan.ts';

/** A forecast is no promise: only the end is 100 %. */
const SHARE_MAX = 0.99;

/** `forecast`: where models are asked; then replies tell how far it is, and what was read otherwise. */
export function standingOf(report: RunReport, forecast: RunForecast | undefined): Standing {
  const { source, stages, calls, costUsd, elapsedMs } = report;
  const bought = stages.reduce((sum, stage) => sum + stage.calls, 0);
  const cached = stages.reduce((sum, stage) => sum + stage.cached, 0);
  const pairs = stages.at(-1)?.kept ?? 0;
  const share =
    forecast !== undefined && forecast.calls > 0
      ? (bought + cached) / forecast.calls
      : source.bytesRead / Math.max(1, source.bytesTotal);
  const rate = calls / Math.max(1, elapsedMs / 1000);
  const parts = [
    ...(source.bytesTotal > 0 ? [`${formatCount(source.documents)} documents`] : []),
    `${formatCount(pairs)} pairs`,
    ...(bought + cached === 0
      ? []
      : [
          `${formatCount(calls)} calls, ${rate.toFixed(1)}/s${cached === 0 ? '' : `, ${formatCount(cached)} kept replies`}`,
          costUsd === null ? 'cost unknown' : formatUsd(costUsd),
        ]),
  ];
  return { share: Math.min(SHARE_MAX, share), text: parts.join(' | ') };
}
