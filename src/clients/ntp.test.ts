/** Asking time servers: honest, lying, silent, replaying, impersonated and refusing ones, on loopback. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { answerPacket, type Behaviour, type FakeAnswer, FakeTimeServer } from "../../test/time-server.ts";
import { ntpRequest, readNtpReply } from "./ntp-packet.ts";
import { parseTimeServer, type TimeMeasurement, TimeServers } from "./ntp.ts";

const CLOCK_MS = 1_700_000_000_000;
const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const running: FakeTimeServer[] = [];

// In a suite of their own: all test files run in one process, and hooks at the top would be those of every test.
describe("time servers", () => {
  afterEach(() => {
    for (const server of running.splice(0)) server.stop();
  });

  async function start(behaviour: Behaviour): Promise<FakeTimeServer> {
    const server = await FakeTimeServer.start(behaviour);
    running.push(server);
    return server;
  }

  function says(offsetMs: number, more: Partial<FakeAnswer> = {}): Behaviour {
    return () => [{ timeMs: CLOCK_MS + offsetMs, ...more }];
  }

  const silent: Behaviour = () => [];

  /** A client of a clock that stands still, so that answers are exact; numbers are 1, 2, 3 … */
  async function clientOf(...behaviours: readonly Behaviour[]): Promise<TimeServers> {
    const servers = await Promise.all(behaviours.map(start));
    let asked = 0;
    return new TimeServers(
      servers.map(({ port }) => ({ host: "127.0.0.1", port })),
      { nowMs: () => CLOCK_MS, random: (length) => new Uint8Array(length).fill(++asked), timeoutMs: 200 },
    );
  }

  async function measure(...behaviours: readonly Behaviour[]): Promise<TimeMeasurement> {
    return (await clientOf(...behaviours)).measure(new AbortController().signal);
  }

  async function offsetOf(...behaviours: readonly Behaviour[]): Promise<number> {
    const measurement = await measure(...behaviours);
    assert.ok(measurement.kind === "measured", JSON.stringify(measurement));
    return Math.round(measurement.offsetMs);
  }

  async function assertUnknown(reason: RegExp, ...behaviours: readonly Behaviour[]): Promise<void> {
    const measurement = await measure(...behaviours);
    assert.ok(measurement.kind === "unknown", JSON.stringify(measurement));
    assert.match(measurement.reason, reason);
  }

  describe("one time server", () => {
    test("says how far the clock is from its time, either way", async () => {
      assert.equal(await offsetOf(says(5000)), 5000);
      assert.equal(await offsetOf(says(-750)), -750);
    });

    test("is asked with a number that is new each time, and with nothing else", async () => {
      const client = await clientOf(says(0));
      const { signal } = new AbortController();
      await client.measure(signal);
      await client.measure(signal);
      assert.deepEqual(running[0]?.nonces, [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)]);
      const request = ntpRequest(NONCE);
      assert.deepEqual([request[0], request.subarray(1, 40), request.length], [0x23, new Uint8Array(39), 48]);
    });

    test("that is silent, or is not there, says nothing", async () => {
      await assertUnknown(/^127\.0\.0\.1: no answer within 0\.2 s$/, silent);
      const { port } = await start(silent);
      running.pop()?.stop();
      const client = new TimeServers([{ host: "127.0.0.1", port }], { nowMs: () => 0, random: () => NONCE });
      const { kind } = await client.measure(new AbortController().signal);
      assert.equal(kind, "unknown");
    });

    test("that replays an old answer, or answers what was not asked, is not heard", async () => {
      await assertUnknown(/no answer/, says(9000, { originate: new Uint8Array(8) }));
      const client = await clientOf((count) =>
        count === 0 ? [{ timeMs: CLOCK_MS }] : [{ timeMs: CLOCK_MS, originate: new Uint8Array(8).fill(1) }],
      );
      const { signal } = new AbortController();
      assert.equal((await client.measure(signal)).kind, "measured");
      assert.equal((await client.measure(signal)).kind, "unknown");
    });

    test("is heard through the noise of those who guess", async () => {
      const guess = { timeMs: CLOCK_MS + 9000, originate: NONCE };
      assert.equal(await offsetOf(() => [guess, { timeMs: CLOCK_MS, mode: 3 }, { timeMs: CLOCK_MS + 40 }]), 40);
    });

    test("that does not know the time itself is not believed", async () => {
      await assertUnknown(/does not know the time/, says(0, { leap: 3 }));
      await assertUnknown(/does not know the time/, says(0, { stratum: 16 }));
      await assertUnknown(/may be off by 600 ms/, says(0, { rootDispersionMs: 600 }));
    });

    test("that refuses is never asked again; one that asks for less has its peace for a while", async () => {
      for (const code of ["DENY", "RSTR", "RATE"]) {
        const client = await clientOf(says(0, { stratum: 0, reference: code }));
        const { signal } = new AbortController();
        assert.deepEqual(await client.measure(signal), {
          kind: "unknown",
          reason: `127.0.0.1: it answered ${code} in place of the time`,
        });
        assert.deepEqual(await client.measure(signal), {
          kind: "unknown",
          reason: "127.0.0.1: it wants to be left alone",
        });
        assert.equal(running.at(-1)?.nonces.length, 1);
      }
    });

    test("is not waited for when the program ends", async () => {
      const client = await clientOf(silent);
      const end = new AbortController();
      const measuring = client.measure(end.signal);
      end.abort();
      assert.equal((await measuring).kind, "unknown");
    });
  });

  describe("several time servers", () => {
    test("are answered for by the one in the middle, whatever a lone liar says", async () => {
      assert.equal(await offsetOf(says(10), says(3_600_000), says(20)), 20);
      assert.equal(await offsetOf(says(10), says(-3_600_000), says(20)), 10);
      assert.equal(await offsetOf(says(10), says(15), says(20), silent), 15);
    });

    test("of which all but one are silent are not believed where there are three", async () => {
      await assertUnknown(/no answer.*no answer/, says(5000), silent, silent);
      assert.equal(await offsetOf(says(5000), silent), 5000);
    });

    test("that contradict each other, two against none, say nothing", async () => {
      await assertUnknown(/contradict each other by 5000 ms/, says(5000), says(0));
      await assertUnknown(/contradict each other by 5000 ms/, says(5000), says(0), silent);
      assert.equal(await offsetOf(says(100), says(200)), 100);
    });
  });

  describe("packets of NTP", () => {
    test("shorter than a header are none", () => {
      const packet = answerPacket({ timeMs: CLOCK_MS }, NONCE);
      assert.equal(readNtpReply(packet, NONCE).kind, "time");
      assert.equal(readNtpReply(packet.subarray(0, 47), NONCE).kind, "stray");
    });

    test("count seconds anew from 2036 on", () => {
      const timeMs = Date.UTC(2040, 0, 1);
      const reply = readNtpReply(answerPacket({ timeMs }, NONCE), NONCE);
      assert.equal(reply.kind === "time" && reply.sentMs, timeMs);
    });

    test("without a time are not believed", () => {
      const packet = answerPacket({ timeMs: CLOCK_MS }, NONCE).fill(0, 40);
      assert.equal(readNtpReply(packet, NONCE).kind, "unfit");
    });
  });

  describe("the address of a time server", () => {
    test("is a name or address, with a port or the usual one", () => {
      assert.deepEqual(parseTimeServer("time.example.com"), { host: "time.example.com", port: 123 });
      assert.deepEqual(parseTimeServer("192.0.2.1:1123"), { host: "192.0.2.1", port: 1123 });
      assert.deepEqual(parseTimeServer("[2001:db8::1]:1123"), { host: "2001:db8::1", port: 1123 });
      assert.deepEqual(parseTimeServer("[::1]"), { host: "::1", port: 123 });
    });

    test("is nothing else", () => {
      for (const text of ["", "a b", "host:", "host:0", "host:65536", "2001:db8::1", "ntp://host", "user@host"])
        assert.throws(() => parseTimeServer(text), { code: "config-invalid" }, text);
    });
  });
});
