/**
 * What the user has settled: which instance is meant when none is named, and for which ones they were told what becomes
 * public.
 */
import { join } from "node:path";
import { objectFields } from "../formats/proto-json.ts";
import { readDocument, writeDocument } from "./document.ts";
import type { DocumentType } from "./document.ts";
import type { Home } from "./folder.ts";

/** The settings. */
export interface Settings {
  /** Name of the instance that is used without being named; undefined for the public one. */
  readonly defaultInstance: string | undefined;
  /** Whose notice of what becomes public was agreed to: instance and identity. */
  readonly toldPublic: readonly string[];
}

const TYPE: DocumentType = {
  kind: "Settings",
  what: "the settings",
  fields: objectFields("kind", "defaultInstance", "toldPublic"),
  remedy: "remove the file: its settings are asked for again",
};

/** The settings; those of a new user where there are none. @throws SigstoreError `home-invalid` */
export function readSettings(home: Home): Settings {
  const settings = readDocument(pathOf(home), TYPE, (message) => ({
    defaultInstance: message.string("defaultInstance") || undefined,
    toldPublic: message.strings("toldPublic"),
  }));
  return settings ?? { defaultInstance: undefined, toldPublic: [] };
}

/** Changes the settings named in `change`. @throws SigstoreError `home-invalid`, `file-unwritable` */
export function changeSettings(home: Home, change: Partial<Settings>): void {
  writeDocument(pathOf(home), TYPE, { ...readSettings(home), ...change });
}

function pathOf({ configuration }: Home): string {
  return join(configuration, "settings.json");
}
