/** Whether it had to build. */
export function buildUi(): boolean;
