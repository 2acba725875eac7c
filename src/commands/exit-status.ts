// How a command ends: what it says on standard error, and its exit status. 0 only when the thing asked for was done,
// 2 for a command line that cannot be used, 1 for everything else.

import { CommanderError } from 'commander';
import { SettingsError } from '../config.ts';
import { EnvError } from '../core/errors.ts';

/**
 * Ends the process as if it had never listened for this signal. `process.exit` would take down threads that are in the middle of
 * native code, which aborts with a crash of theirs.
 */
export function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Reached by the first process of a container alone, which the system does not end by signals that nobody listens for.
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/** Says what went wrong, in one line where it is known, and returns the exit status. */
export function reportFailure(error: unknown): number {
  // commander has printed its own message by now; --help and --version end here with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SettingsError) return say(error.message, 2);
  if (error instanceof EnvError) return say(error.message, error.code === 'invalid_argument' ? 2 : 1);
  return say(
    `Unexpected fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    1,
  );
}

function say(message: string, status: number): number {
  process.stderr.write(`${message}\n`);
  return status;
}
