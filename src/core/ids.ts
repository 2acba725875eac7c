// Branded ids: strings that the compiler keeps apart. They are made in one place each and never taken to pieces.

type Id<Name extends string> = string & { readonly __id: Name };

export type RunId = Id<'run'>;
export type GroupId = Id<'group'>;
export type LeaseId = Id<'lease'>;
export type BatchId = Id<'batch'>;
export type PairId = Id<'pair'>;
