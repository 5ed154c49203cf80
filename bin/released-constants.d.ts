/** What the build puts into bin/released.cjs. */

/** Major version of the oldest Node that runs the program. */
declare const NEEDED_MAJOR: number;

/** Names of the commands that have a file of their own beside the whole one. */
declare const ALONE: readonly string[];
