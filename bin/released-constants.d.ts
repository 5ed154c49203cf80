/** What the build puts into bin/released.cjs. */

/** Names the program that is started: changes whenever dist/command.cjs does. */
declare const BUILD: string;

/** Major version of the oldest Node that runs the program. */
declare const NEEDED_MAJOR: number;
