import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ACCOUNT_ID } from '../../emulator/account.ts';
import { must } from './must.ts';

// The framework's own reader of CloudFormation's YAML, which the framework does not export.
const ofTest = createRequire(import.meta.url);
const ofFramework = createRequire(ofTest.resolve('serverless/package.json'));
const yaml = ofFramework('js-yaml');
const schema = ofTest('serverless/lib/utils/serverless-utils/cloudformation-schema');

/** A code block of a document, and the last heading above it. */
export interface CodeBlock {
  heading: string;
  language: string;
  text: string;
}

export function codeBlocks(page: string): CodeBlock[] {
  let heading = '';
  const found = readFileSync(page, 'utf8').matchAll(/^#+ (?<title>[^\n]*)$|^```(?<language>\w+)\n(?<text>.*?)^```$/gms);
  return [...found].flatMap(({ groups = {} }) => {
    const { title, language, text } = groups;
    if (title !== undefined) heading = title;
    return language === undefined || text === undefined ? [] : [{ heading, language, text }];
  });
}

/** The request of the README's first command. Only `npm start` creates the logging configuration that it names. */
export function sampleRequest(): { idempotencyKey: string; room: object } {
  const { room, ...request } = JSON.parse(readFileSync('events/samples/bare.json', 'utf8'));
  const { loggingConfigurationIdentifiers: _onlyInNpmStart, ...rest } = room;
  return { ...request, room: rest };
}

/** The resources and outputs of a CloudFormation template in YAML. */
export function readYaml(text: string): { Resources: Record<string, Resource> } {
  return yaml.load(text, { schema });
}

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests read many different properties
  Properties: any;
}

/** The values that a template has at any place under this name. */
export function valuesNamed(name: string, within: unknown): unknown[] {
  if (typeof within !== 'object' || within === null) return [];
  return Object.entries(within).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesNamed(name, value),
  ]);
}

/** The recipes name the stage `prod` of AWS's example account. The tests run them on the embedded stack. */
export function forLocalStack(recipe: string): string {
  return recipe.replaceAll('greenroom-prod-', 'greenroom-local-').replaceAll('123456789012', ACCOUNT_ID);
}

/**
 * Whether an event pattern selects an event. Of the patterns' language, it supports only lists of exact values.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function selects(pattern: unknown, event: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.includes(event);
  return Object.entries(Object(pattern)).every(([name, part]) => selects(part, Object(event)[name]));
}

/**
 * The message that a pipe sends for a record: its InputTemplate with the values of the record. "EventBridge replaces input transformers at
 * runtime to ensure valid JSON output. Because of this, put quotes around variables that refer to JSON path parameters, but do not put
 * quotes around variables that refer to JSON objects or arrays."
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
 */
export function applyTemplate(template: string, record: object): string {
  const readable = { ...record, ...bodyOf(record) };
  return template.replace(/("?)<\$\.([\w.-]+)>\1/g, (_whole, quote: string, path: string) => {
    const value = path.split('.').reduce((within: unknown, name) => Object(within)[name], readable);
    return quote === '"' ? JSON.stringify(String(value ?? '')) : JSON.stringify(value ?? '');
  });
}

/**
 * "The following fields in the incoming payload may be JSON-escaped, such as the Amazon SQS body object, or base64-encoded, such as the
 * Kinesis data object. For both filtering and input transformation, EventBridge transforms these fields into valid JSON so sub-values can be
 * referenced directly." (The same page.)
 */
function bodyOf(record: object): object {
  if ('body' in record) return { body: JSON.parse(String(record.body)) };
  if ('data' in record) return { data: JSON.parse(Buffer.from(String(record.data), 'base64').toString()) };
  return {};
}

/** The only block of a language under a heading that begins with a text. */
export function blockOf(blocks: readonly CodeBlock[], heading: string, language: string, beginning = ''): string {
  const [block, ...others] = blocks.filter(
    (each) => each.heading === heading && each.language === language && each.text.startsWith(beginning),
  );
  if (others.length > 0) throw new Error(`"${heading}" has several blocks in ${language}`);
  return must(block).text;
}
