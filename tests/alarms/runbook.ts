import { readFileSync } from 'node:fs';

/** The section about an alarm, or about several of one kind. */
export interface Section {
  alarms: string[];
  text: string;
  /** The longest time from the fault to the notification, by its sentence `Notifies within …`. */
  withinMinutes: number;
}

const MINUTES = { minutes: 1, hours: 60 };

/** The sections of the operations guide about alarms. Their headings are the names of the alarms. */
export function readRunbook(): Section[] {
  const guide = readFileSync('docs/operations.md', 'utf8');
  const [, ...sections] = (/\n## Alarms\n(.*?)\n## /s.exec(guide)?.[1] ?? '').split('\n### ');
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const text = lines.join('\n');
    const [, number, unit] = /Notifies\s+within\s+(\d+)\s+(minutes|hours)/.exec(text) ?? [];
    const withinMinutes = Number(number) * (unit === 'hours' ? MINUTES.hours : MINUTES.minutes);
    return { alarms: heading.split(', '), text, withinMinutes };
  });
}
