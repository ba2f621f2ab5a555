/** The severity of a finding. An error means that greenroom loses or delays requests, now or later. A warning may have a harmless cause. */
export type FindingLevel = 'error' | 'warning';

/** Every finding of `greenroom doctor`, with its level. docs/operations.md lists the same names. */
export const FINDING_LEVELS = {
  'credentials-invalid': 'error',
  'permission-missing': 'error',
  'stage-missing': 'error',
  'stack-missing': 'error',
  'stack-unfinished': 'error',
  'stack-unprotected': 'error',
  'output-missing': 'error',
  'output-of-another-resource': 'error',
  'function-missing': 'error',
  'function-not-active': 'error',
  'mapping-missing': 'error',
  'mapping-disabled': 'error',
  'mapping-without-partial-batches': 'error',
  'visibility-timeout-too-short': 'error',
  'account-concurrency-too-low': 'warning',
  'reserved-concurrency-too-low': 'error',
  'queue-missing': 'error',
  'dead-letters-present': 'error',
  'messages-parked': 'error',
  'queue-nearly-full': 'error',
  'queue-backlog': 'warning',
  'queue-without-dead-letter-queue': 'error',
  'manifest-queue-closed-to-bucket': 'error',
  'roster-queue-closed-to-topic': 'error',
  'bucket-missing': 'error',
  'bucket-announces-nothing': 'error',
  'roster-subscription-missing': 'error',
  'table-missing': 'error',
  'table-unprotected': 'error',
  'point-in-time-recovery-off': 'error',
  'time-to-live-off': 'error',
  'alarms-missing': 'error',
  'alarm-actions-disabled': 'error',
  'alarm-without-action': 'error',
  'alarm-topic-missing': 'error',
  'alarm-topic-without-subscription': 'error',
  'alarm-topic-closed': 'error',
  'alarm-topic-encrypted': 'error',
  'alarm-on': 'error',
  'breaker-open': 'error',
  'lane-paused': 'warning',
  'rate-above-quota': 'error',
  'rates-of-stages-above-quota': 'error',
  'rule-missing': 'error',
  'rule-disabled': 'error',
  'releases-switched-off': 'error',
  'releases-stopped': 'warning',
  'releases-denied': 'error',
  'releases-overdue': 'error',
  'sweep-never-ran': 'warning',
  'sweep-overdue': 'error',
  'room-count-outdated': 'warning',
  'room-quota-nearly-reached': 'warning',
  'room-quota-reached': 'error',
  'request-invalid': 'error',
  'review-handler-missing': 'error',
  'review-handler-not-active': 'error',
  'review-handler-elsewhere': 'error',
  'review-handler-not-permitted': 'error',
  'logging-configuration-missing': 'error',
  'logging-configuration-not-active': 'error',
  'logging-configuration-elsewhere': 'error',
} as const satisfies Record<string, FindingLevel>;

export type FindingName = keyof typeof FINDING_LEVELS;

export interface Finding {
  kind: 'finding';
  name: FindingName;
  /** What is wrong with which resource. */
  message: string;
  /** What to do about it. */
  remedy: string;
}

/** Something that could not be checked. */
export interface NotChecked {
  kind: 'not-checked';
  /** What was not checked. */
  what: string;
  why: string;
}

export type Observation = Finding | NotChecked;

export function finding(name: FindingName, message: string, remedy: string): Finding {
  return { kind: 'finding', name, message, remedy };
}

export function notChecked(what: string, why: string): NotChecked {
  return { kind: 'not-checked', what, why };
}

export function levelOf({ name }: Finding): FindingLevel {
  return FINDING_LEVELS[name];
}

/** A number with its noun, in the singular or plural. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const NAMES_SHOWN = 5;

/** The first few names, and how many more there are. */
export function firstFew(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return [...names.slice(0, NAMES_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
