/** Go's text/template as far as we have it; expectations are what Go prints. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isSigstoreError } from "../../../errors.ts";
import { fillTemplate, parseTemplate } from "./template.ts";

const DATA = new Map([
  ["a", "A"],
  ["b", "B"],
  ["empty", ""],
  ["x/y", "XY"],
  ["ref_type", "branch"],
]);

const FILLED: readonly (readonly [string, string])[] = [
  ["", ""],
  ["plain", "plain"],
  ["{{ .a }}", "A"],
  ["{{.a}}/{{.b}}", "A/B"],
  ["x{{ .empty }}y", "xy"],
  ["{{ .a -}}  \n y", "Ay"],
  ["x  {{- .a }}", "xA"],
  ["x {{- /* a comment */ -}} y", "xy"],
  ["x{{/* none */}}y", "xy"],
  [`{{ "quoted \\" }} \\n" }}`, 'quoted " }} \n'],
  ["{{ `raw }}` }}", "raw }}"],
  ['{{(index . "x/y")}}', "XY"],
  ['{{ index . "nobody" }}', ""],
  ['{{ . | index "x" | print }}', ""],
  ['refs/{{if eq .ref_type "branch"}}heads/{{ else }}tags/{{end}}{{ .a }}', "refs/heads/A"],
  ['{{if eq .ref_type "tag"}}t{{ else }}e{{end}}', "e"],
  ['{{if eq .ref_type "tag"}}t{{ else if eq .a "A"}}two{{else}}three{{end}}', "two"],
  ['{{if eq .ref_type "tag" "branch"}}any{{end}}', "any"],
  ["{{if .empty}}yes{{else}}no{{end}}", "no"],
  ["{{if .a}}{{if .empty}}1{{else}}2{{end}}{{else}}3{{end}}", "2"],
  ["{{ or .empty .b }}", "B"],
  ["{{ and .a .empty }}", ""],
  ["{{ not .empty }}", "true"],
  ["{{ if not (eq .a .b) }}differ{{ end }}", "differ"],
  ['{{ ne .a "A" }}', "false"],
  ['{{ .a | print "x" }}', "xA"],
  ["{{ true }}", "true"],
  ['{{if eq (index . "x/y") "XY"}}ssh-rerun{{ else }}""{{end}}', "ssh-rerun"],
  ["} {a} }}", "} {a} }}"],
];

describe("templates", () => {
  for (const [template, text] of FILLED) {
    test(JSON.stringify(template), () => assert.equal(fillTemplate(parseTemplate(template), DATA), text));
  }

  test("refuse a field that the data has not, as Go with missingkey=error", () => {
    assert.throws(
      () => fillTemplate(parseTemplate("{{ .nobody }}"), DATA),
      (error) =>
        isSigstoreError(error, "identity-token-refused") &&
        error.message === 'template: :1: executing "" at <.nobody>: map has no entry for key "nobody"',
    );
  });

  test("do not run what a value says", () => {
    const data = new Map([
      ["a", "{{ .secret }}"],
      ["secret", "S"],
    ]);
    assert.equal(fillTemplate(parseTemplate("{{ .a }}"), data), "{{ .secret }}");
  });

  for (const template of [
    "{{",
    "{{ .a",
    "{{ }}",
    "{{ .a.b }}",
    "{{ $x }}",
    "{{ nobody .a }}",
    "{{ eq .a }}",
    "{{ .a .b }}",
    "{{ .a | .b }}",
    "{{ (.a }}",
    "{{ .a) }}",
    "{{ if .a }}",
    "{{ if }}x{{ end }}",
    "{{ else }}",
    "{{ end }}",
    "{{ if .a }}{{ else }}{{ else }}{{ end }}",
    "{{ range .a }}{{ end }}",
    "{{ with .a }}{{ end }}",
    '{{ "open }}',
    "{{ 7 }}",
    "{{ constructor }}",
    `{{ ${"(".repeat(200)}.a${")".repeat(200)} }}`,
    `${"{{ if .a }}".repeat(200)}${"{{ end }}".repeat(200)}`,
    `{{ if .a }}${"{{ else if .a }}".repeat(20_000)}{{ end }}`,
  ]) {
    test(`refuse ${JSON.stringify(template.slice(0, 50))} when they are read`, () => {
      assert.throws(
        () => parseTemplate(template),
        (error) => isSigstoreError(error, "config-invalid"),
      );
    });
  }
});
