/**
 * The one cookie (RFC 6265bis §4.1): HttpOnly, SameSite=Lax, until the browser is closed.
 *
 * On TLS its name begins with `__Host-`, which browsers take from this very host alone. Cookies know no ports: on the loopback each
 * provider has a name of its own, so that two of them do not log each other's people out.
 */
import { sha256 } from "../../crypto/digest.ts";
import { hexEncode } from "../../encoding/hex.ts";
import { utf8Encode } from "../../encoding/text.ts";
import { isSecretText } from "./secret.ts";

/** The cookie of a provider. */
export class LoginCookie {
  readonly name: string;
  readonly #attributes: string;

  constructor(issuer: string) {
    const isTls = issuer.startsWith("https:");
    const own = hexEncode(sha256(utf8Encode(issuer))).slice(0, 8);
    this.name = `${isTls ? "__Host-" : ""}sigstore-login-${own}`;
    // RFC 6265bis §4.1.3.2: a `__Host-` cookie has "a Path attribute with a value of /", "a Secure attribute" and no Domain.
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isTls ? "; Secure" : ""}`;
  }

  /** The value in a `Cookie` header; undefined when there is none of ours, or several, of which one was planted. */
  read(header: string | undefined): string | undefined {
    const values = (header ?? "")
      .split(";")
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.name}=`))
      .map((pair) => pair.slice(this.name.length + 1));
    const [value] = values;
    return values.length === 1 && value !== undefined && isSecretText(value) ? value : undefined;
  }

  /** The `Set-Cookie` header for a value. */
  write(value: string): string {
    return `${this.name}=${value}; ${this.#attributes}`;
  }

  /** The `Set-Cookie` header that takes it away. */
  remove(): string {
    return `${this.name}=; ${this.#attributes}; Max-Age=0`;
  }
}
