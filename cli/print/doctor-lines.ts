import type { FindingLevel, Observation } from '../../client/operate/doctor/finding.ts';
import { counted, levelOf } from '../../client/operate/doctor/finding.ts';
import type { DoctorReport } from '../../client/operate/doctor/run-doctor.ts';

/** How many observations of each kind a report has. */
export interface DoctorCounts extends Record<`${FindingLevel}s`, number> {
  notChecked: number;
}

export function countObservations({ results }: DoctorReport): DoctorCounts {
  const kinds = results.flatMap(({ observations }) => observations).map(kindOf);
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  return { errors: count('error'), warnings: count('warning'), notChecked: count('not checked') };
}

/** A report for people: one line per check, followed by its findings and their remedies. */
export function doctorLines(report: DoctorReport): string[] {
  const { stage, region, account, caller, results } = report;
  const inAccount = account === undefined ? '' : ` in account ${account}`;
  return [
    `Stage ${stage}, ${region}${inAccount}${caller === undefined ? '' : `, as ${caller}`}`,
    ...results.flatMap(({ check, observations }) => [
      `${observations.length === 0 ? 'ok' : '--'}  ${check}`,
      ...observations.flatMap(observationLines),
    ]),
    summaryLine(countObservations(report)),
  ];
}

/** The same report for programs. */
export function doctorJson(report: DoctorReport, isHealthy: boolean): object {
  const { results, ...about } = report;
  return {
    ...about,
    healthy: isHealthy,
    ...countObservations(report),
    checks: results.map(({ check, observations }) => ({
      check,
      findings: observations.flatMap((each) => {
        if (each.kind !== 'finding') return [];
        const { name, message, remedy } = each;
        return [{ name, level: levelOf(each), message, remedy }];
      }),
      notChecked: observations.flatMap((each) =>
        each.kind === 'not-checked' ? [{ what: each.what, why: each.why }] : [],
      ),
    })),
  };
}

function observationLines(observation: Observation): string[] {
  if (observation.kind === 'not-checked') return [`    not checked: ${observation.what}: ${observation.why}`];
  const { name, message, remedy } = observation;
  return [`    ${kindOf(observation)}: ${message} (${name})`, `      remedy: ${remedy}`];
}

function kindOf(observation: Observation): FindingLevel | 'not checked' {
  return observation.kind === 'finding' ? levelOf(observation) : 'not checked';
}

function summaryLine({ errors, warnings, notChecked }: DoctorCounts): string {
  const counts = [counted(errors, 'error'), counted(warnings, 'warning'), `${notChecked} not checked`].join(', ');
  return errors + warnings + notChecked === 0 ? 'All checks passed.' : `Result: ${counts}.`;
}
