/** A time server on loopback that does as it is told: true, wrong, silent, repeating itself, or refusing. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** What a server says to a request, as changes to an honest answer; null for nothing. */
export interface FakeAnswer {
  /** Of the server's clock, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly leap?: number;
  readonly mode?: number;
  readonly stratum?: number;
  readonly reference?: string;
  readonly rootDispersionMs?: number;
  /** In place of the request's own number. */
  readonly originate?: Uint8Array;
}

/** Decides on each request; `count` is how many came before. Several answers are sent one after the other. */
export type Behaviour = (count: number) => readonly FakeAnswer[];

const UNIX_EPOCH_SECONDS = 2_208_988_800;

/** An answer as its octets. */
export function answerPacket(answer: FakeAnswer, nonce: Uint8Array): Uint8Array {
  const { timeMs, leap = 0, mode = 4, stratum = 2, reference = "\0\0\0\0", rootDispersionMs = 1, originate } = answer;
  const packet = new Uint8Array(48);
  const view = new DataView(packet.buffer);
  packet.set([(leap << 6) | (4 << 3) | mode, stratum]);
  view.setUint32(8, Math.round((rootDispersionMs * 65_536) / 1000));
  packet.set(new TextEncoder().encode(reference), 12);
  packet.set(originate ?? nonce, 24);
  for (const at of [32, 40]) {
    const seconds = Math.floor(timeMs / 1000);
    view.setUint32(at, (seconds + UNIX_EPOCH_SECONDS) % 2 ** 32);
    view.setUint32(at + 4, Math.round(((timeMs / 1000 - seconds) * 2 ** 32) % 2 ** 32));
  }
  return packet;
}

/** A running server; what it does can be changed while it runs. */
export class FakeTimeServer {
  readonly #socket: Socket;
  /** Numbers of the requests that came. */
  readonly nonces: Uint8Array[] = [];
  behaviour: Behaviour;

  private constructor(socket: Socket, behaviour: Behaviour) {
    this.#socket = socket;
    this.behaviour = behaviour;
    socket.on("message", (request, { port, address }) => {
      const nonce = new Uint8Array(request.subarray(40, 48));
      this.nonces.push(nonce);
      for (const answer of this.behaviour(this.nonces.length - 1))
        socket.send(answerPacket(answer, nonce), port, address);
    });
  }

  /** Starts one on any free port of loopback. */
  static async start(behaviour: Behaviour): Promise<FakeTimeServer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new FakeTimeServer(socket, behaviour);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  stop(): void {
    this.#socket.close();
  }
}
