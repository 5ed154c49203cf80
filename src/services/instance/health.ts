/**
 * How the services of an instance are: for `/healthz`, `sigstore status` and the index page. Nothing that is not public anyway.
 */
import type { InstanceServices } from "./services.ts";

/** How one service is. */
export interface ServiceHealth {
  readonly name: string;
  readonly isWell: boolean;
  /** How many entries, or what ails it. */
  readonly note: string;
}

/** How all services are now. */
export function healthOf({ rekor, ct, tsa }: InstanceServices): readonly ServiceHealth[] {
  const { isRight, aheadMs } = tsa.service.checkClock();
  const clock = isRight
    ? "clock is right"
    : `clock is ${Math.round(Math.abs(aheadMs))} ms ${aheadMs > 0 ? "ahead" : "behind"}`;
  return [
    { name: "login", isWell: true, note: "" },
    { name: "certificates", isWell: ct.service.log.isSound, note: "" },
    { name: "CT log", ...logHealth(ct.service.log) },
    { name: "timestamps", isWell: isRight, note: clock },
    { name: "log", ...logHealth(rekor.log) },
  ];
}

function logHealth(log: {
  readonly isSound: boolean;
  readonly published: { readonly treeSize: bigint };
}): Pick<ServiceHealth, "isWell" | "note"> {
  const { isSound, published } = log;
  const entries = `${published.treeSize} ${published.treeSize === 1n ? "entry" : "entries"}`;
  return { isWell: isSound, note: isSound ? entries : `${entries}; its storage fails, it recovers by itself` };
}
