/**
 * Local accounts as the people who may log in: passwords against the file of users.
 *
 * A name that nobody has costs as much time as a wrong password: the same derivation, over a salt of its own (RFC 9700 has no word on it;
 * OWASP, "Authentication Responses"). Derivations take tens of MiB each, so few run at once, some wait, and the rest is told to come back.
 */
import { sha256 } from "../../crypto/digest.ts";
import { base64UrlEncode } from "../../encoding/base64.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { LIMITS } from "../../limits.ts";
import { refuse } from "./refusal.ts";
import { isSameOctets } from "./secret.ts";
import type { AuthenticatedUser, UserAuthenticator } from "./user-authenticator.ts";
import { derivePassword, PASSWORD_PARAMETERS, type PasswordHash, type User } from "./users.ts";

/** Port: the users as they are now. A call that fails lets nobody in. */
export interface UserList {
  read(): Promise<readonly User[]>;
}

const NOBODY: PasswordHash = { parameters: PASSWORD_PARAMETERS, salt: new Uint8Array(16), hash: new Uint8Array(32) };

/** Local accounts. */
export class LocalUsers implements UserAuthenticator {
  readonly #list: UserList;
  readonly #derive: typeof derivePassword;
  readonly #gate = new Gate(LIMITS.passwordsAtOnce, LIMITS.passwordsWaiting);

  /** @param derive what makes a hash of a password; tests count how often and with what it is asked */
  constructor(list: UserList, derive: typeof derivePassword = derivePassword) {
    this.#list = list;
    this.#derive = derive;
  }

  async authenticate(name: string, password: string): Promise<AuthenticatedUser | undefined> {
    const users = await this.#list.read();
    const user = findUser(users, name);
    // Of accounts with parameters of several ages the newest are what nobody is checked with.
    const { parameters, salt, hash } = user?.password ?? users.at(-1)?.password ?? NOBODY;
    const derived = await this.#gate.pass(() => this.#derive(password, salt, parameters));
    const isRight = isSameOctets(derived, hash);
    return user !== undefined && isRight ? authenticated(user) : undefined;
  }

  async isCurrent({ subject, revision }: AuthenticatedUser): Promise<boolean> {
    const user = (await this.#list.read()).find(({ id }) => id === subject);
    return user !== undefined && revisionOf(user) === revision;
  }
}

/** The user with this name or e-mail address, large and small letters alike. */
export function findUser(users: readonly User[], nameOrEmail: string): User | undefined {
  const wanted = nameOrEmail.trim().toLowerCase();
  return users.find(({ name, email }) => name === wanted || email.toLowerCase() === wanted);
}

function authenticated(user: User): AuthenticatedUser {
  return { subject: user.id, email: user.email, name: user.name, revision: revisionOf(user) };
}

function revisionOf({ email, password: { salt, hash } }: User): string {
  return base64UrlEncode(sha256(utf8Encode([email, base64UrlEncode(salt), base64UrlEncode(hash)].join(" "))));
}

/** Lets so many through at once, and so many wait. */
class Gate {
  readonly #atOnce: number;
  readonly #waiting: number;
  readonly #queue: (() => void)[] = [];
  #inside = 0;

  constructor(atOnce: number, waiting: number) {
    this.#atOnce = atOnce;
    this.#waiting = waiting;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }

  async #enter(): Promise<void> {
    if (this.#inside < this.#atOnce) {
      this.#inside += 1;
      return;
    }
    if (this.#queue.length >= this.#waiting)
      throw refuse("temporarily_unavailable", "many people are logging in: try again in a moment");
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#queue.push(() => resolve(undefined));
    await promise;
  }
}
