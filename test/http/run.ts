/**
 * `npm run abuse`: what clients send that mean harm or are broken, how many they are, and what a disk does to a log.
 *
 * Everything happens on loopback, in counts that are bounded. `--without NAME` leaves out what a machine has not: `unshare` (a small
 * disk to fill), `descriptors` (10,000 connections). What is killed and what faults are injected is in test/crash.
 */
import { Suite } from "../suite.ts";
import { crowdCases } from "./crowd.ts";
import { diskCases } from "./disk.ts";
import { framingCases } from "./framing.ts";
import { proposalCases } from "./proposals.ts";
import { slowCases } from "./slow.ts";

const suite = new Suite("abuse");
await framingCases(suite);
await slowCases(suite);
await proposalCases(suite);
await crowdCases(suite);
await diskCases(suite);
suite.finish();
