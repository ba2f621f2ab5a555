import * as z from 'zod/mini';
// Not `z.locales.en`, because the bundles would then contain the messages in all languages.
import en from 'zod/v4/locales/en.js';

/**
 * Sets zod's English messages, for problems that have no message of their own. zod sets them when it is loaded. `zod/mini` does not, and
 * would report every problem as "Invalid input". Import this file in code that turns problems into messages.
 *
 * A program that imports greenroom shares zod with greenroom. If the program has set another language, that language is kept.
 */
if (z.config().localeError === undefined) z.config(en());
