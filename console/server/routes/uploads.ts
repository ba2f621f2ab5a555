import type { Context, Hono } from 'hono';
import * as z from 'zod';
import type { ManifestCheckAnswer, ManifestUploadAnswer } from '../../api/imports.ts';
import type { ConsoleContext } from '../console-context.ts';
import { bodiesOnly } from '../guard.ts';
import { checkUploaded, type UploadedManifest, uploadManifest } from '../uploaded-manifest.ts';

/** The page and the console hold the whole file in memory. `greenroom bulk` accepts larger files. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

const manifestQuery = z.object({
  name: z.string().min(1).max(255),
  allOrNothing: z.enum(['true', 'false']).default('false'),
});

/**
 * The manifests that the page sends. A form of another site cannot send their content type. These routes are added before the rule that
 * bodies must be JSON.
 */
export function addUploadRoutes(api: Hono, { stage, clock, signal }: ConsoleContext): void {
  const waiting = { clock, random: Math.random, signal };
  api.use('/manifest/*', bodiesOnly('application/octet-stream', MAX_MANIFEST_BYTES));
  api.post('/manifest/check', async (request) => {
    const manifest = await readManifest(request);
    const checked = await stage.use((deployment) => checkUploaded(manifest, deployment, waiting));
    return request.json(checked satisfies ManifestCheckAnswer);
  });
  api.post('/manifest/upload', async (request) => {
    const manifest = await readManifest(request);
    const uploaded = await stage.use((deployment) => uploadManifest(manifest, deployment, waiting));
    return request.json(uploaded satisfies ManifestUploadAnswer);
  });
}

async function readManifest({ req }: Context): Promise<UploadedManifest> {
  const { name, allOrNothing } = manifestQuery.parse(req.query());
  const content = new Uint8Array(await req.arrayBuffer());
  return { name, content, allOrNothing: allOrNothing === 'true' };
}
