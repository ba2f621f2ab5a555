/**
 * Printed when a list is empty. The message that will create the newest entry may still be in its queue, and the index that is listed shows
 * changes later than the table does.
 */
export const MAY_BE_BEHIND = 'The list may be a few seconds behind.';
