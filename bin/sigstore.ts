/** The whole command: from its sources as it is developed, and as dist/command.cjs in the released package. */
import { main } from "../src/cli/main.ts";
import { exitWith } from "../src/cli/run-command.ts";

exitWith(main(process.argv.slice(2)));
