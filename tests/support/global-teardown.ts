import { rm } from 'node:fs/promises';
import { must } from './must.ts';

/** Removes the templates that the tests have packaged. */
export default async function tearDown(): Promise<void> {
  await rm(must(process.env.GREENROOM_TEST_TEMPLATES), { recursive: true });
}
