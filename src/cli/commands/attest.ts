/**
 * `sigstore attest FILE… --type TYPE --predicate FILE`: says something about files, signed as `sign` does.
 */
import { readDescriptor, readFile, withDescriptor } from "../../files/read.ts";
import { LIMITS } from "../../limits.ts";
import type { Command, OptionSpec, ParsedArguments } from "../command.ts";
import { usageError } from "../options/parse.ts";
import { SIGNING_OPTIONS } from "../options/signing.ts";
import type { World } from "../world.ts";

const PREDICATE_OPTIONS: readonly OptionSpec[] = [
  {
    name: "type",
    value: "TYPE",
    suggestions: "slsaprovenance1 slsaprovenance spdxjson spdx cyclonedx openvex vuln link custom".split(" "),
    summary: "spdxjson, cyclonedx, slsaprovenance1, … or a URI",
  },
  { name: "predicate", value: "FILE", valueKind: "file", summary: "what is said, mostly JSON; or -" },
];

/** `sigstore attest`. */
export const attestCommand: Command = {
  name: "attest",
  summary: "say something about files, signed in your name",
  usage: "--type TYPE --predicate FILE [OPTION…] FILE…",
  description: [],
  options: [...PREDICATE_OPTIONS, ...SIGNING_OPTIONS],
  operands: { label: "FILE", minimum: 1, maximum: 100_000, completes: "file" },
  examples: [
    {
      does: "what is in it",
      line: "sigstore attest --type spdxjson --predicate app.spdx.json app.tar.gz",
    },
  ],
  run: runAttest,
};

async function runAttest(request: ParsedArguments, world: World): Promise<number> {
  const type = request.value("type");
  const path = request.value("predicate");
  if (type === undefined) throw usageError("expected --type TYPE, got none", "for example: --type spdxjson");
  if (path === undefined) throw usageError("expected --predicate FILE, got none", "the file that holds what is said");
  const readers = [path, ...request.operands, request.value("identity-token-file")].filter((word) => word === "-");
  if (readers.length > 1)
    throw usageError("expected standard input once, got it twice", "only one of files, predicate and token can be -");
  const [{ statementMaker }, { runSigning }] = await Promise.all([
    import("../../compose/attestation.ts"),
    import("../run-signing.ts"),
  ]);
  const bytes = readPredicate(path, world);
  return runSigning(request, world, statementMaker({ type, bytes, path, nowMs: world.nowMs() }));
}

function readPredicate(path: string, { inputDescriptor }: World): Uint8Array {
  const what = "a predicate";
  if (path !== "-") return readFile(path, LIMITS.bundleBytes / 2, what);
  const read = (open: number): Uint8Array => readDescriptor(open, LIMITS.bundleBytes / 2, what, "standard input");
  return withDescriptor(inputDescriptor, "standard input", what, read);
}
