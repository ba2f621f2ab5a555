/** The entry point `greenroom/completions`: the parser of completions, without the SDK, for consumers that start often. */
export { type ParsedCompletion, parseCompletion, parseCompletions } from './api/parse-completion.ts';
