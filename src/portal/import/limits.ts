/** What a list of accounts may cost: it is read into memory and written in one transaction. */

/** 100,000 rows of 300 octets. */
export const maxListBytes = 32 * 1024 * 1024;
/**
 * While a list is written no account changes its phase, and on SQLite nothing else is written: at this many for about
 * as long as a worker's lease lasts. Larger lists come in parts.
 */
export const maxRows = 100_000;
/** A row longer than this comes of a quote that nothing closes. */
export const maxRowLength = 64 * 1024;
/** Longer than any server's; logins come into log lines and tables. */
export const maxLoginLength = 320;
export const maxTeamLength = 200;
/** Longer than servers take; a whole file in one field is a mistake. */
export const maxPasswordLength = 1_024;
/** Each is a row of the address table. */
export const maxAliases = 100;
/** All faults of a list are counted; a person corrects the first ones and tries again. */
export const maxFaultsTold = 1_000;
