/** `sigstore verify` alone: dist/verify.cjs of the released package, which starts without reading what other commands need. */
import { verifyCommand } from "../src/cli/commands/verify.ts";
import { exitWith, runAlone } from "../src/cli/run-command.ts";

exitWith(runAlone(verifyCommand, process.argv.slice(2)));
