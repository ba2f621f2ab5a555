import Runner from 'jest-light-runner/child-process';
import Tinypool from 'tinypool';

const QUESTION = 'jest-light-runner-get-worker-data';

/**
 * jest-light-runner 0.8.2 gives all of its processes one channel, through which they ask for the configuration of the run. The answer to one
 * process goes to all others that have not asked yet, and only once. A process that is still starting misses it, and the run waits for this
 * process forever. So each test file runs with a channel of its own.
 */
function ownChannel(shared) {
  let answer;
  return {
    onMessage(listener) {
      answer = listener;
    },
    postMessage(message) {
      if (message !== QUESTION || answer === undefined) return;
      // The shared channel now has no other listener, because no process registers one there.
      shared.onMessage(answer);
      shared.postMessage(message);
    },
  };
}

const { run } = Tinypool.prototype;
Tinypool.prototype.run = function runWithOwnChannel(task, options = {}) {
  return run.call(this, task, { ...options, ...(options.channel && { channel: ownChannel(options.channel) }) });
};

export default Runner;
