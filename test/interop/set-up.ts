// Makes all Python environments before the first test file runs: the files run side by side, and some share one.

import { ENVIRONMENTS, type EnvironmentName, preparePython } from './python-environment.ts';

export default async function setUp(): Promise<void> {
  for (const name of Object.keys(ENVIRONMENTS)) await preparePython(name as EnvironmentName);
}
