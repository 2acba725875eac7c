// Log lines as JSON on standard error, through pino. Standard output is left to what a command reports.

import { pino } from 'pino';
import type { Log, LogFields } from '../ports/log.ts';

/** Fields that could carry a secret or a ground truth are cut here, whoever passed them. */
const REDACTED = ['token', 'authorization', 'groundTruth', 'ground_truth', '*.groundTruth', '*.ground_truth'];

/** `info` instead of pino's own number. */
const NAMED_LEVELS = { level: (level: string) => ({ level }) };

/** A log that writes lines of at least `level` to standard error. */
export function createLog(level: string): Log {
  const destination = pino.destination({ dest: 2, sync: true });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: REDACTED,
      formatters: NAMED_LEVELS,
    },
    destination,
  );
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(withError(fields), message),
    error: (message, fields) => logger.error(withError(fields), message),
  };
}

/** pino serialises exceptions, stack and cause included, under `err`. */
function withError(fields: LogFields = {}): LogFields {
  const { error, ...others } = fields;
  return error instanceof Error ? { ...others, err: error } : fields;
}
