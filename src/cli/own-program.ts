/**
 * How this program was started, for what starts it again: by Node from a script, or as an executable that has Node inside
 * (bin/executable.cjs), which has no script and takes no options of Node.
 */

/** The words before those of the command line, and those. */
export interface OwnProgram {
  readonly program: readonly [file: string, ...before: string[]];
  readonly words: readonly string[];
}

/** What was started, and with which words. */
export function ownProgram(): OwnProgram {
  const { argv, execArgv, execPath } = process;
  const [, script = "", ...words] = argv;
  return { program: script === execPath ? [execPath] : [execPath, ...execArgv, script], words };
}
