import { parseArgs } from 'node:util';
import { runProgramme } from './live-events/programme.ts';
import { programmes, summarise } from './live-events/programmes.ts';

const HELP = `Simulates programmes of live events under a virtual clock, with the real pacer and the real handlers of schedule-live-events and
track-rosters. In place of provision-rooms, a substitute only waits for slots and makes the calls.

Usage: npm run bench:live-events -- [OPTIONS]

  --events N   how many events there are, with five rooms each and 1.2 s apart (default: 1000, which takes about five minutes)
  --help       this text

The exit code is 1 if rooms are out of order by more than a minute, an event is late but was not announced as at risk, or a
function logs an error.`;

const MAX_INVERSION_SECONDS = 60;

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
for (const [name, programme] of Object.entries(programmes(Number(values.events)))) {
  const begunMs = performance.now();
  const result = summarise(await runProgramme(programme));
  const tookSeconds = Math.round((performance.now() - begunMs) / 1000);
  console.log(JSON.stringify({ programme: name, events: programme.events, ...result, tookSeconds }));
  if (result.lateAndNotAnnounced > 0 || result.errors > 0) process.exitCode = 1;
  if (result.worstInversionSeconds > MAX_INVERSION_SECONDS) process.exitCode = 1;
}
