// The hostile verifier worker, a second and a half late: what a machine under load does to the start of a thread.

const until = performance.now() + 1_500;
while (performance.now() < until);

await import('./hostile-verifier-worker.ts');
