import { useCallback } from 'preact/hooks';
import type { FailuresAnswer } from '../../api/imports.ts';
import { read } from '../call.ts';
import { counted, countText } from '../format.ts';
import { Failure } from '../parts/failure.tsx';
import { useRead } from '../use-read.ts';

/** The rows without a room, by reason, with some examples. The report is read only once, because it does not change. */
export function Failures({ jobId }: { jobId: string }) {
  const readFailures = useCallback(
    (signal: AbortSignal) => read<FailuresAnswer>('job/failures', { job: jobId }, signal),
    [jobId],
  );
  const { answer, problem } = useRead(readFailures);
  if (problem !== undefined) return <Failure problem={problem} />;
  if (answer === undefined) return <p role="status">Reading the report…</p>;
  if (answer.rows === 0) return <p class="done">Every row has a room.</p>;
  return (
    <section class="scroll" tabIndex={0} aria-label="Rows without a room">
      <table class="failures">
        <caption>{counted(answer.rows, 'row')} without a room</caption>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" class="number">
              Rows
            </th>
            <th scope="col">The first rows</th>
          </tr>
        </thead>
        <tbody>
          {answer.groups.map(({ reason, rows, examples }) => (
            <tr key={reason}>
              <th scope="row">{reason}</th>
              <td class="number">{countText(rows)}</td>
              <td>
                <ul class="plain">
                  {examples.map(({ row, key, text }) => (
                    <li key={row}>
                      Row {row}
                      {key !== undefined && (
                        <>
                          {' '}
                          (
                          {reason === 'invalid' ? key : <a href={`/requests?${new URLSearchParams({ key })}`}>{key}</a>}
                          )
                        </>
                      )}
                      : {text}
                    </li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
