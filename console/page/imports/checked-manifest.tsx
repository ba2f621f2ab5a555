import { useState } from 'preact/hooks';
import { problemText } from '../../../lib/contract/problem-text.ts';
import type { Problem } from '../../../lib/contract/problems.ts';
import type { ManifestCheckAnswer } from '../../api/imports.ts';
import { counted, countText, durationText } from '../format.ts';

const MAX_ROWS_SHOWN = 10;

interface CheckedManifestProps {
  name: string;
  answer: ManifestCheckAnswer;
  isRunning: boolean;
  onUpload(allOrNothing: boolean): void;
  onClose(): void;
}

/** The effects that a manifest would have, its problems, and the button that uploads it. */
export function CheckedManifest({ name, answer, isRunning, onUpload, onClose }: CheckedManifestProps) {
  const [allOrNothing, setAllOrNothing] = useState(false);
  const { problems, problemsTotal } = answer;
  const isRefused = answer.kind === 'invalid';
  const hasNone = !isRefused && answer.members === 0;
  const isBad = isRefused || hasNone || answer.invalid + answer.plan.reused > 0;
  const isBlocked = isRefused || hasNone || (allOrNothing && answer.invalid > 0);
  return (
    <div>
      <div class={isBad ? 'trouble' : 'done'} role={isRefused ? 'alert' : 'status'}>
        {isRefused ? <p>{name} cannot be accepted:</p> : <Plan name={name} answer={answer} />}
      </div>
      {problems.length > 0 && <Problems problems={problems} total={problemsTotal} />}
      {!isRefused && answer.invalid > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={allOrNothing}
            onChange={({ currentTarget }) => setAllOrNothing(currentTarget.checked)}
          />{' '}
          Request no rooms if any row is invalid
        </label>
      )}
      <p class="buttons">
        <button type="button" class="primary" disabled={isBlocked || isRunning} onClick={() => onUpload(allOrNothing)}>
          Upload {name}
        </button>
        <button type="button" onClick={onClose}>
          Do not upload
        </button>
      </p>
      <p class="faint">If you upload a file twice, no second room is created.</p>
    </div>
  );
}

function Plan({ name, answer }: { name: string; answer: Extract<ManifestCheckAnswer, { kind: 'checked' }> }) {
  const { rows, invalid, repeated, members, plan } = answer;
  const { toMake, existing, reused, seconds } = plan;
  const reusedRows = plan.reusedRows.slice(0, MAX_ROWS_SHOWN);
  const rooms = Object.values(toMake).reduce((sum, count) => sum + count, 0);
  const where = Object.entries(toMake).map(([region, count]) => `${countText(count)} in ${region}`);
  return (
    <>
      <p>
        {name} has {counted(rows, 'row')}. Nothing is uploaded yet.
        {members === 0 && ' No row requests a room.'}
      </p>
      <ul>
        {rooms > 0 && (
          <li>
            Would be created: {counted(rooms, 'room')} ({where.join(', ')}), in about {durationText(seconds * 1000)} if
            nothing else uses the quota
          </li>
        )}
        {existing > 0 && <li>Already exists, or is requested: {counted(existing, 'room')}</li>}
        {reused > 0 && (
          <li>
            Would fail, because the key is used for another room: {counted(reused, 'row')} (
            {reusedRows.map(({ row, idempotencyKey }) => `row ${row}: ${idempotencyKey}`).join(', ')}
            {reused > reusedRows.length && ', …'})
          </li>
        )}
        {repeated > 0 && <li>Repeats an earlier row: {counted(repeated, 'row')}</li>}
        {invalid > 0 && <li>Invalid, and would be left out: {counted(invalid, 'row')}</li>}
      </ul>
    </>
  );
}

function Problems({ problems, total }: { problems: readonly Problem[]; total: number }) {
  return (
    <div class="scroll problem-list">
      <h3>{counted(total, 'problem')}</h3>
      <ul tabIndex={0} aria-label="Problems">
        {problems.map((problem) => (
          <li key={problemText(problem)}>{problemText(problem)}</li>
        ))}
        {total > problems.length && <li>and {countText(total - problems.length)} more</li>}
      </ul>
    </div>
  );
}
