import type { RepositoryName } from "../../formats/oci/image-reference.ts";
/**
 * Tags of a repository (OCI distribution specification 1.1, "Listing Tags"), page by page.
 *
 * Some registries cut a list at `n` without saying where it goes on; then `last` asks for what comes after. `n=0` is never
 * asked: registries answer it with nothing, or hang up.
 */
import { LIMITS } from "../../limits.ts";
import { JsonAnswer } from "../http/json-answer.ts";
import { nextPage } from "./pages.ts";
import type { RegistryConnection, RegistryResponse } from "./registry-connection.ts";
import { strangeAnswer } from "./registry-error.ts";

const PAGE_TAGS = 1000;

/** The tags in the registry's order, each once. @throws SigstoreError `image-not-found` where it knows no such repository */
export async function listTags(
  connection: RegistryConnection,
  name: RepositoryName,
  pageTags: number = PAGE_TAGS,
): Promise<readonly string[]> {
  const asked = { name, what: "the list of tags" };
  const tags = new Set<string>();
  let path: string | URL = `tags/list?n=${pageTags}`;
  for (let page = 1; page <= LIMITS.registryPages; page += 1) {
    const response: RegistryResponse = await connection.send({ ...asked, method: "GET", path, access: "pull" });
    const before = tags.size;
    const given = JsonAnswer.parse({ service: "registry", url: response.url }, response.bytes).texts("tags");
    for (const tag of given) tags.add(tag);
    const last = given.at(-1);
    const next = nextPage(asked, response);
    if (next === undefined && (given.length < pageTags || last === undefined)) return [...tags];
    // A page without anything new goes round in a circle; asked by `last` it is the end.
    if (tags.size === before && next === undefined) return [...tags];
    if (tags.size === before || tags.size > LIMITS.registryListEntries) break;
    path = next ?? `tags/list?n=${pageTags}&last=${encodeURIComponent(last ?? "")}`;
  }
  throw strangeAnswer(asked, "a list that ends", `${tags.size} tags and no end`);
}
