/**
 * Errors as google.rpc.Status in JSON (google/rpc/status.proto, code.proto), with the HTTP statuses of grpc-gateway: what the
 * original services answer, and their clients read.
 */
import { respondJson, type ServiceResponse } from "./message.ts";

/** Number of each code, and its HTTP status. */
const CODES = {
  CANCELLED: [1, 499],
  UNKNOWN: [2, 500],
  INVALID_ARGUMENT: [3, 400],
  DEADLINE_EXCEEDED: [4, 504],
  NOT_FOUND: [5, 404],
  ALREADY_EXISTS: [6, 409],
  PERMISSION_DENIED: [7, 403],
  RESOURCE_EXHAUSTED: [8, 429],
  UNIMPLEMENTED: [12, 501],
  INTERNAL: [13, 500],
  UNAVAILABLE: [14, 503],
  UNAUTHENTICATED: [16, 401],
} as const;

/** A code by its name in code.proto. */
export type RpcCode = keyof typeof CODES;

/** A message of `details`: `@type` says of which type it is. */
export interface RpcDetail {
  readonly "@type": string;
  readonly [field: string]: unknown;
}

/** What accompanies an error. */
export interface RpcStatusOptions {
  readonly details?: readonly RpcDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Another status than the code's. */
  readonly status?: number;
}

/** An error as answer; `message` is what clients see, and match on. */
export function respondRpcStatus(code: RpcCode, message: string, options: RpcStatusOptions = {}): ServiceResponse {
  const [number, status] = CODES[code];
  const value = { code: number, message, details: options.details ?? [] };
  return respondJson(options.status ?? status, value, options.headers);
}

/**
 * Why, for programs and people (google/rpc/error_details.proto, ErrorInfo): `reason` in capitals with underscores, `metadata`
 * texts; never a token, key or password.
 */
export function errorInfo(domain: string, code: string, metadata: Readonly<Record<string, string>>): RpcDetail {
  const reason = code.toUpperCase().replaceAll("-", "_");
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain, metadata };
}
