import { readFileSync } from 'node:fs';

const ROW = /^\| ([A-Z_]+) \|.*\| ([^|]+) \|$/gm;

/** The scenarios of each rule and wrong implementation, as section 12 of docs/protocol/release.md names them. */
export function scenariosInSpecification(): Record<string, string[]> {
  const text = readFileSync('docs/protocol/release.md', 'utf8');
  const section = text.slice(text.indexOf('\n## 12 '), text.indexOf('\n## 13 '));
  const rows = [...section.matchAll(ROW)].map(([, name = '', last = '']) => [
    name,
    [...last.matchAll(/`([^`]+)`/g)].map(([, scenario]) => scenario),
  ]);
  return Object.fromEntries(rows);
}
