import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { openScreen } from '../../../cli/screen.ts';

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

/** A terminal that records what is written to it, and whether it passes on single keys. */
function openTerminal() {
  const emitter = new EventEmitter();
  const state = { isRaw: false, isReading: false, written: '', interruptions: 0 };
  const screen = openScreen(
    {
      isTTY: true,
      setRawMode: (isRaw) => Object.assign(state, { isRaw }),
      on: (event, listener) => emitter.on(event, listener),
      off: (event, listener) => emitter.off(event, listener),
      pause: () => Object.assign(state, { isReading: false }),
      resume: () => Object.assign(state, { isReading: true }),
    },
    { rows: 5, write: (text) => Object.assign(state, { written: state.written + text }) },
    () => {
      state.interruptions += 1;
    },
  );
  return { state, screen, press: (key: string) => emitter.emit('data', key) };
}

describe('a screen', () => {
  test('hides the cursor, and shows it when it is closed', () => {
    const { state, screen } = openTerminal();
    expect(state).toMatchObject({ isRaw: true, isReading: true });
    expect(state.written).toContain(HIDE);
    expect(state.written).not.toContain(SHOW);
    screen.close();
    screen.close();
    expect(state.written.split(SHOW)).toHaveLength(2);
    expect(state).toMatchObject({ isRaw: false, isReading: false });
  });

  test('restores the terminal if the process ends before', () => {
    const { state } = openTerminal();
    const listener = process.listeners('exit').at(-1);
    listener?.(0);
    expect(state.written).toContain(SHOW);
    expect(process.listeners('exit')).not.toContain(listener);
  });

  test('ends at q, and passes on Ctrl-C', () => {
    const { state, screen, press } = openTerminal();
    press('x');
    expect(screen.ended.aborted).toBe(false);
    press('\u0003');
    expect([screen.ended.aborted, state.interruptions]).toEqual([false, 1]);
    press('q');
    expect(screen.ended.aborted).toBe(true);
    screen.close();
  });

  test('draws no more lines than the terminal has, so that it never scrolls', () => {
    const { state, screen } = openTerminal();
    const before = state.written.length;
    screen.draw(['1', '2', '3', '4', '5', '6']);
    const drawn = state.written.slice(before);
    expect(drawn.split('\r\n')).toHaveLength(5);
    expect(drawn).not.toContain('5');
    screen.close();
  });
});
