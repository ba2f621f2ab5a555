/** The account that everything belongs to, in all services; it is fixed in fauxqs. */
export const ACCOUNT_ID = '000000000000';
