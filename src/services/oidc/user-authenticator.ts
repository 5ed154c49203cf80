/**
 * The port to whoever knows the people: local accounts now (local-users.ts), other providers where one is connected.
 */

/** Somebody who proved to be it. */
export interface AuthenticatedUser {
  /** OpenID Connect Core §2, `sub`: "locally unique and never reassigned", at most 255 ASCII characters. */
  readonly subject: string;
  /** An address that the person is known to have. */
  readonly email: string;
  /** How the person is called here. */
  readonly name: string;
  /** Changes when the account does: another password, another address. */
  readonly revision: string;
}

/**
 * Port: who is it?
 *
 * Any number of calls may run at once; a wrong name takes as long as a wrong password. Errors: SigstoreError `login-refused` with
 * `temporarily_unavailable` when too many are being checked, any other when the people cannot be looked up at all.
 */
export interface UserAuthenticator {
  /** The person, or undefined when name and password are not those of one; `name` is an account's name or its e-mail address. */
  authenticate(name: string, password: string): Promise<AuthenticatedUser | undefined>;
  /** Whether this account is still there and the same: who was removed, or has a new password, must log in again. */
  isCurrent(user: AuthenticatedUser): Promise<boolean>;
}
