/** What the build puts into bin/released.cjs. */

/** Major version of the oldest Node that runs the program. */
declare const NEEDED_MAJOR: number;
