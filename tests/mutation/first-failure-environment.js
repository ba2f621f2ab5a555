import { TestEnvironment } from 'jest-environment-node';

/** Skips the rest of a file once a test in it has failed. */
export default class FirstFailureEnvironment extends TestEnvironment {
  #failed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_start' && this.#failed) test.mode = 'skip';
    if (name === 'test_done') this.#failed ||= test.errors.length > 0;
  }
}
