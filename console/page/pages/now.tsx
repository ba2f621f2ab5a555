import { countText, durationText } from '../format.ts';
import { useLive } from '../live.tsx';
import { LatestEvents } from '../parts/latest-events.tsx';
import { PaceChart } from '../parts/pace-chart.tsx';
import { PaceTable } from '../parts/pace-table.tsx';
import { Queues } from '../parts/queues.tsx';
import { Releases } from '../parts/releases.tsx';
import { recentRooms, roomRates } from '../recent-rooms.ts';

/** The load of the stage: what waits, how fast it is handled, and what is closed. */
export function NowPage() {
  const { now, samples, events, published } = useLive();
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
              : 'no estimate'}
        </Fact>
        <Fact name="New rooms in the last minute" note="from the completions that this console has seen">
          {countText(recent.created)}
        </Fact>
        <Fact name="Failures in the last minute">{countText(recent.failed)}</Fact>
        <Fact name="New rooms per second" note="over half a minute, in all regions">
          {sum([...recent.perSecond.values()]).toFixed(1)}
        </Fact>
      </dl>
      {published.answer?.problem && (
        <p class="trouble" role="status">
          The console receives no completions, so the numbers of rooms are not up to date: {published.answer.problem}
        </p>
      )}
      <PaceTable regions={answer.regions} recent={recent} atMs={answer.atMs} />
      <PaceChart rates={roomRates(events, answer.atMs, published.answer?.sinceMs)} regions={answer.regions} />
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
