/**
 * Issuers of type ci-provider (fulcio, pkg/identity/ciprovider): claims become extensions by the templates of the configuration.
 *
 * A value with `{{` is a template, any other the name of a claim; defaults stand in for claims that a token has not. Templates are read
 * once and kept.
 */
import type { JsonObject } from "../../../encoding/json.ts";
import type { FulcioExtensions } from "../../../formats/x509/fulcio-extensions.ts";
import type { CiMetadata } from "../config.ts";
import { refuseToken } from "../refusal.ts";
import { claimValueText } from "./claims.ts";
import { extensionsOf, uriName } from "./embed.ts";
import type { CertificateIdentity, Principal, VerifiedToken } from "./principal.ts";
import { fillTemplate, parseTemplate, type Template, type TemplateData } from "./template.ts";

/** The job that the token was made for. @throws SigstoreError `identity-token-refused` */
export function ciProviderPrincipal(token: VerifiedToken, providers: ReadonlyMap<string, CiMetadata>): Principal {
  const { ciProvider, issuerUrl } = token.issuer;
  const metadata = providers.get(ciProvider);
  if (metadata === undefined)
    throw refuseToken("CONFIGURATION", `metadata not found for ci provider ${ciProvider}, issuer: ${issuerUrl}`);
  return { name: token.subject, embed: () => embed(token, metadata) };
}

function embed(token: VerifiedToken, metadata: CiMetadata): CertificateIdentity {
  const { issuerUrl } = token.issuer;
  const data = dataOf(token.claims, metadata.defaults);
  if (metadata.subjectAlternativeNameTemplate.trim() === "")
    throw refuseToken("CONFIGURATION", `SubjectAlternativeNameTemplate should not be empty. Issuer: ${issuerUrl}`);
  const name = fill(metadata.subjectAlternativeNameTemplate, data, issuerUrl, "SubjectAlternativeName");
  const extensions: Partial<Record<keyof FulcioExtensions, string>> = {};
  for (const [extension, template] of Object.entries(metadata.extensionTemplates))
    if (template.trim() !== "")
      extensions[extension as keyof FulcioExtensions] = fill(template, data, issuerUrl, extension);
  // Guaranteed to be the token's, whatever the templates say.
  return { subjectAlternativeName: uriName(name), extensions: extensionsOf(token, extensions) };
}

/** Claims as texts, before the defaults. */
function dataOf(claims: JsonObject, defaults: ReadonlyMap<string, string>): TemplateData {
  const data = new Map(defaults);
  for (const [name, value] of Object.entries(claims)) data.set(name, claimValueText(value));
  return data;
}

const parsed = new Map<string, Template>();

function fill(template: string, data: TemplateData, issuer: string, extension: string): string {
  if (template.includes("{{")) return fillTemplate(parsedTemplate(template), data);
  const value = data.get(template);
  if (value !== undefined) return value;
  const where = `{"ExtensionName": ${JSON.stringify(extension)}, "Issuer": ${JSON.stringify(issuer)}}`;
  throw refuseToken("CLAIM_MISSING", `value <${template}> not present in either claims or defaults. ${where}`, {
    claim: template,
  });
}

/** Templates come from the configuration alone, so there are few. */
function parsedTemplate(source: string): Template {
  let template = parsed.get(source);
  if (template === undefined) {
    template = parseTemplate(source);
    parsed.set(source, template);
  }
  return template;
}
