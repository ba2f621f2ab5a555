import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useAction } from '../use-action.ts';
import { Failure } from './failure.tsx';

interface ConfirmProps {
  title: string;
  /** What will happen, and what cannot be undone. */
  children: ComponentChildren;
  /** The text of the button that makes the change. */
  confirm: string;
  /** The text of the button that closes the dialog without a change. */
  dismiss?: string;
  /** Makes the change. The dialog closes if this succeeds, and shows the reason if it fails. */
  onConfirm(): Promise<void>;
  onClose(): void;
}

/** Asks before a change. Escape and the first button change nothing. */
export function Confirm({ title, children, confirm, dismiss = 'Cancel', onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { isRunning, problem, run } = useAction();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = () =>
    run(async () => {
      await onConfirm();
      onClose();
    });
  return (
    <dialog
      ref={dialog}
      // Escape closes the dialog. During the change, the dialog is opened again, so that its result is shown.
      onClose={() => (isRunning ? dialog.current?.showModal() : onClose())}
      aria-labelledby="confirm-title"
    >
      <h2 id="confirm-title">{title}</h2>
      {children}
      <Failure problem={problem} />
      <p class="buttons">
        <button type="button" disabled={isRunning} onClick={() => dialog.current?.close()}>
          {dismiss}
        </button>
        <button type="button" class="danger" disabled={isRunning} onClick={submit}>
          {isRunning ? 'Working…' : confirm}
        </button>
      </p>
    </dialog>
  );
}
