import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/**
 * Excludes texts for people: the messages of log lines and errors. The fields of a log line and the name of an error are mutated
 * like other code.
 */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', {
    shouldIgnore({ node, parent, key, listKey }) {
      const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
      if (!isText || listKey !== 'arguments' || key !== 0) return undefined;
      const { type, callee } = parent;
      if (type === 'NewExpression' && callee.name?.endsWith('Error')) return 'the message of an error';
      if (callee.type === 'Super') return 'the message of an error';
      if (callee.type === 'MemberExpression' && isLog(callee.object)) return 'the message of a log line';
      return undefined;
    },
  }),
];

function isLog(object) {
  return object.name === 'log' || object.property?.name === 'log';
}
