import { useLive } from '../live.tsx';

/** The load of the stage: what waits, how fast it is handled, and what is closed. */
export function NowPage() {
  const { now } = useLive();
  const { answer } = now;
  return (
    <section>
      <h1>Now</h1>
      {answer && (
        <table>
          <caption>Queues</caption>
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" class="number">
                Visible
              </th>
              <th scope="col" class="number">
                In flight
              </th>
            </tr>
          </thead>
          <tbody>
            {answer.queues.map(({ queue, visible, inFlight }) => (
              <tr key={queue}>
                <th scope="row">{queue}</th>
                <td class="number">{visible}</td>
                <td class="number">{inFlight}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
