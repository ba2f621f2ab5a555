/** The account that owns every emulated resource. fauxqs fixes this id, so the other services use it too. */
export const ACCOUNT_ID = '000000000000';
