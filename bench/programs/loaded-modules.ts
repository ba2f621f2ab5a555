/** Records the modules that a program loads. It is given to Node with `--import`, and writes a file when the program exits. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const files: { url: string; bytes: number }[] = [];
const builtins = new Set<string>();
let lastMs = 0;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    lastMs = performance.now();
    if (url.startsWith('node:')) builtins.add(url);
    else files.push({ url, bytes: loaded.source == null ? 0 : Buffer.byteLength(loaded.source.toString()) });
    return loaded;
  },
});

process.once('exit', () => {
  const { LOADED_MODULES_FILE: file = '' } = process.env;
  writeFileSync(file, JSON.stringify({ files, builtins: [...builtins], lastMs }));
});
