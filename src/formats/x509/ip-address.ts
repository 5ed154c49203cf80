/**
 * RFC 5280 §4.2.1.6 with RFC 791 and RFC 4291/5952: IP addresses of names, octets to text and back.
 *
 * IPv6 text is written in RFC 5952's one form. Leaves out: zones, prefixes, and the mixed notation with a dotted tail.
 */

/** Text of 4 or 16 octets; undefined for any other count. */
export function ipAddressText(octets: Uint8Array): string | undefined {
  if (octets.length === 4) return octets.join(".");
  return octets.length === 16 ? ipv6Text(octets) : undefined;
}

function ipv6Text(octets: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) groups.push(((octets[index] ?? 0) << 8) | (octets[index + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (gap === undefined) return hex(groups);
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.end))}`;
}

/** RFC 5952 4.2: the longest run of at least two zero groups, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; end: number } | undefined {
  let longest: { start: number; end: number } | undefined;
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start >= 2 && (longest === undefined || index - start > longest.end - longest.start))
      longest = { start, end: index };
    start = index + 1;
  }
  return longest;
}

/** Octets of an address in text; undefined when it is none. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}
