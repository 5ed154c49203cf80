/** `sigstore sign` alone: dist/sign.cjs of the released package, which starts without reading what other commands need. */
import { signCommand } from "../src/cli/commands/sign.ts";
import { exitWith, runAlone } from "../src/cli/run-command.ts";

exitWith(runAlone(signCommand, process.argv.slice(2)));
