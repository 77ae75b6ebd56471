/** How many migrations this release knows; asked at each start, so it must not load them. A test keeps it true. */
export const schemaVersion = 2;
