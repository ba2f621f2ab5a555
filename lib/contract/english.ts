import * as z from 'zod/mini';
// Not `z.locales.en`: then the bundles would contain the texts of all languages.
import en from 'zod/v4/locales/en.js';

/**
 * Sets the texts of the problems that have no text of their own. zod sets them when it is loaded; `zod/mini` does not, and would call every
 * problem "Invalid input". Import this file where texts are made from problems.
 */
z.config(en());
