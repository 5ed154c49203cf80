/** `sigstore inspect` alone: dist/inspect.cjs of the released package, which starts without reading what other commands need. */
import { inspectCommand } from "../src/cli/commands/inspect.ts";
import { exitWith, runAlone } from "../src/cli/run-command.ts";

exitWith(runAlone(inspectCommand, process.argv.slice(2)));
