// What a comparison can say. "Unknown" is an answer: nobody is paid for it, and another scorer may look.

export type Outcome = 'equal' | 'different' | 'unknown';

/** Probes that must agree before two expressions are called equal. */
export const AGREEING_PROBES_MIN = 3;
