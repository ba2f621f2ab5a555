import { ManifestError } from '../../../lib/bulk/manifest-error.ts';
import type { PlannedRow } from '../../../lib/bulk/plan-rows.ts';
import { otherRegionProblems } from '../../../lib/contract/other-regions.ts';
import { problemText } from '../../../lib/contract/problem-text.ts';
import type { Problem } from '../../../lib/contract/problems.ts';
import { problemsIn } from '../../../lib/contract/read-message.ts';
import type { Region } from '../../../lib/contract/regions.ts';
import type { Room } from '../../../lib/contract/room.ts';
import { prepareRequest } from '../../prepared-request.ts';
import type { RequestLine } from '../../request-lines.ts';
import { typed } from '../../typed-command.ts';
import { finding, firstFew, type Observation } from './finding.ts';

/** A resource to which rooms of a region refer. `where`: the first request that refers to it. */
export interface NamedResource {
  region: Region;
  arn: string;
  where: string;
}

/** `deniesUnreviewed`: whether every room that uses this handler denies the messages that the handler could not review. */
export interface NamedHandler extends NamedResource {
  deniesUnreviewed: boolean;
}

/** The resources to which the rooms of a file refer, each once per region. */
export interface RequestedRooms {
  handlers: NamedHandler[];
  loggingConfigurations: NamedResource[];
  /** The requests that cannot be accepted. */
  invalid: Observation[];
}

/** @param lines the requests of a file, in any envelope. @param region the region of the deployment */
export async function requestedByMessages(
  lines: AsyncIterable<RequestLine>,
  { region, nowMs }: { region: Region; nowMs: number },
): Promise<RequestedRooms> {
  const collected = collect();
  for await (const line of lines) {
    const { name, read } = prepareRequest(line, { region, nowMs });
    if (read.kind === 'request') collected.room(name, read.region, read.request.room);
    else if (read.kind === 'invalid' && read.acceptedBefore !== undefined) {
      const { request, region: roomRegion } = read.acceptedBefore;
      collected.room(name, roomRegion, request.room);
      // Problems about resources in a region other than the room's are left out here, because the resource checks report them.
      const reported = new Set(otherRegionProblems(request, region).map(({ path }) => path));
      const others = read.problems.filter(({ path }) => !reported.has(path));
      if (others.length > 0) collected.problems(name, others);
    } else if (read.kind !== 'release') collected.problems(name, problemsIn(read));
  }
  return collected.result();
}

/** @param rows the rows of a manifest */
export async function requestedByRows(rows: AsyncIterable<PlannedRow>): Promise<RequestedRooms> {
  const collected = collect();
  try {
    for await (const planned of rows) {
      if (planned.kind === 'request')
        collected.room(`row ${planned.row}`, planned.request.region, planned.request.room);
      if (planned.kind === 'invalid') collected.problems(`row ${planned.row}`, planned.problems);
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    collected.problems('the manifest', error.problems);
  }
  return collected.result();
}

function collect() {
  const handlers = new Map<string, NamedHandler>();
  const loggingConfigurations = new Map<string, NamedResource>();
  const problems: string[] = [];
  return {
    room(where: string, region: Region, { messageReviewHandler, loggingConfigurationIdentifiers = [] }: Room): void {
      const { uri: arn = '', fallbackResult } = messageReviewHandler ?? {};
      if (arn !== '') {
        const known = handlers.get(`${region} ${arn}`) ?? { region, arn, where, deniesUnreviewed: true };
        const deniesUnreviewed = known.deniesUnreviewed && fallbackResult === 'DENY';
        handlers.set(`${region} ${arn}`, { ...known, deniesUnreviewed });
      }
      for (const each of loggingConfigurationIdentifiers) {
        const id = `${region} ${each}`;
        loggingConfigurations.set(id, loggingConfigurations.get(id) ?? { region, arn: each, where });
      }
    },
    problems(where: string, found: readonly Problem[]): void {
      problems.push(...found.map((problem) => `${where}: ${problemText(problem)}`));
    },
    result(): RequestedRooms {
      const remedy = `Correct the requests; ${typed('send')} and ${typed('bulk --dry-run')} list all problems`;
      return {
        handlers: [...handlers.values()],
        loggingConfigurations: [...loggingConfigurations.values()],
        invalid: problems.length === 0 ? [] : [finding('request-invalid', firstFew(problems), remedy)],
      };
    },
  };
}
