import { createHash } from 'node:crypto';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const { MUTATION_SAMPLE: share = '1', MUTATION_SEED: seed = '1' } = process.env;

/**
 * Mutates a share of the functions only, drawn by a seed, because the whole of lib/ takes hours. The sample consists of whole functions and of
 * whole statements outside functions: Stryker ignores everything inside an ignored node.
 */
const sampleIgnorer = {
  shouldIgnore(path) {
    if (Number(share) >= 1 || !isUnit(path)) return undefined;
    return isDrawn(path.node) ? undefined : 'not in the sample';
  },
};

function isUnit(path) {
  return path.isFunction()
    ? !path.findParent((parent) => parent.isFunction())
    : path.parentPath?.isProgram() && !path.isExportNamedDeclaration();
}

function isDrawn({ start, end }) {
  const hash = createHash('sha256').update(`${seed}/${start}/${end}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32 < Number(share);
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'sample', sampleIgnorer)];
