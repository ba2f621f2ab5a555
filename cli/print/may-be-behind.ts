/**
 * Printed when a list is empty. The message that will create the newest entry may still be in its queue, and the index that the list is
 * read from lags behind the table.
 */
export const MAY_BE_BEHIND = 'The list may be a few seconds behind.';
