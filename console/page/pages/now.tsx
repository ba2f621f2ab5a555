import { countText, durationText, rateText } from '../format.ts';
import { useLive } from '../live.tsx';
import { LatestEvents } from '../parts/latest-events.tsx';
import { PaceChart } from '../parts/pace-chart.tsx';
import { PaceTable } from '../parts/pace-table.tsx';
import { Queues } from '../parts/queues.tsx';
import { Releases } from '../parts/releases.tsx';
import { recentRooms } from '../recent-rooms.ts';

/** The load of the stage: what waits, how fast it is handled, and what is closed. */
export function NowPage() {
  const { now, samples, events } = useLive();
  const { answer } = now;
  if (answer === undefined) return <p class="faint">Reading the load of the stage…</p>;
  const recent = recentRooms(events, answer.atMs);
  const bulk = answer.queues.find(({ queue }) => queue === 'bulk');
  const isBulkEmpty = bulk === undefined || bulk.visible + bulk.inFlight === 0;
  return (
    <>
      <h1>Now</h1>
      <dl class="facts">
        <Fact name="Bulk lane empty" note={answer.bulkLaneEmpty && `judging by ${answer.bulkLaneEmpty.from}`}>
          {isBulkEmpty
            ? 'now'
            : answer.bulkLaneEmpty
              ? `in ${durationText(answer.bulkLaneEmpty.seconds * 1000)}`
              : 'not in sight'}
        </Fact>
        <Fact name="Rooms in the last minute" note="from the completions that this console has seen">
          {countText(recent.total)}
        </Fact>
        <Fact name="Failures in the last minute">{countText(recent.failed)}</Fact>
        <Fact name="Calls of CreateRoom" note="reserved per second, in all regions">
          {rateText(sum(Object.values(samples.at(-1)?.callsPerSecond ?? {})))}
        </Fact>
      </dl>
      <PaceTable regions={answer.regions} recent={recent} sample={samples.at(-1)} atMs={answer.atMs} />
      <PaceChart samples={samples} regions={answer.regions} />
      <Queues queues={answer.queues} samples={samples} oldest={answer.oldest} />
      <Releases releases={answer.releases} />
      <LatestEvents events={events} />
    </>
  );
}

function Fact({
  name,
  note,
  children,
}: {
  name: string;
  note?: string | undefined;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="panel">
      <dt>{name}</dt>
      <dd>
        <strong>{children}</strong>
        {note && <small class="faint">{note}</small>}
      </dd>
    </div>
  );
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, each) => total + (each ?? 0), 0);
}
