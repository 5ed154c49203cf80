/** Starts the command from its sources; `npm run build` makes the one that is released. */
import { main } from "../src/cli/main.ts";

process.exit(await main(process.argv.slice(2)));
