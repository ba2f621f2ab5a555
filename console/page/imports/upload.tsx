import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ManifestCheckAnswer, ManifestUploadAnswer } from '../../api/imports.ts';
import { sendFile } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { useAction } from '../use-action.ts';
import { CheckedManifest } from './checked-manifest.tsx';

const ENDINGS = '.csv,.ndjson,.jsonl,.json,.gz';
/** The console accepts no larger body. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A chosen file, and the effects that it would have. */
interface Chosen {
  file: File;
  answer: ManifestCheckAnswer;
}

/** Lets the user choose a manifest, checks it, and uploads it after the user has seen its effects. */
export function Upload({ onUploaded }: { onUploaded(jobId: string): void }) {
  const [chosen, setChosen] = useState<Chosen>();
  const { isRunning, problem, run } = useAction();

  const check = (file: File | undefined) =>
    run(async () => {
      setChosen(undefined);
      if (file === undefined) return;
      if (file.size > MAX_BYTES)
        throw new Error(`${file.name} is larger than 16 MiB. Use npx greenroom bulk FILE in a terminal instead`);
      setChosen({ file, answer: await sendFile<ManifestCheckAnswer>('manifest/check', { name: file.name }, file) });
    });
  const upload = (allOrNothing: boolean) =>
    run(async () => {
      if (chosen === undefined) return;
      const query = { name: chosen.file.name, allOrNothing: String(allOrNothing) };
      const answer = await sendFile<ManifestUploadAnswer>('manifest/upload', query, chosen.file);
      if (answer.kind === 'invalid') return setChosen({ ...chosen, answer });
      setChosen(undefined);
      onUploaded(answer.jobId);
    });

  return (
    <DropTarget onDrop={check}>
      <h2 id="upload">Upload a manifest</h2>
      <label>
        A file with one room request per row, as CSV, NDJSON or JSON. It may be compressed with gzip. You can also drop
        a file here.
        <input
          type="file"
          accept={ENDINGS}
          disabled={isRunning}
          onChange={({ currentTarget }) => {
            void check(currentTarget.files?.[0]);
            // The same file can be chosen again after it was edited.
            currentTarget.value = '';
          }}
        />
      </label>
      {isRunning && <p role="status">Working…</p>}
      <Failure problem={problem} />
      {chosen && (
        <CheckedManifest
          name={chosen.file.name}
          answer={chosen.answer}
          isRunning={isRunning}
          onUpload={upload}
          onClose={() => setChosen(undefined)}
        />
      )}
    </DropTarget>
  );
}

/** A part of the page on which a file can be dropped. */
function DropTarget({ children, onDrop }: { children: ComponentChildren; onDrop(file: File | undefined): void }) {
  const [isOver, setOver] = useState(false);
  return (
    <section
      class={`panel drop ${isOver ? 'over' : ''}`}
      aria-labelledby="upload"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onDrop(event.dataTransfer?.files[0]);
      }}
    >
      {children}
    </section>
  );
}
