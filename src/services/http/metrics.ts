/**
 * Metrics in the text format that Prometheus reads (Prometheus, "Exposition formats", version 0.0.4).
 *
 * Counters, gauges and histograms, as few as we need. Labels come from closed sets: never an identity, a path or an address of a
 * client. Leaves out: everything else of a metrics library.
 */

/** Values of the labels of one series, in the order of the names. */
type LabelValues = readonly string[];

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Services that share a registry may each have their part of a family, with labels of their own. */
  readonly parts: (() => readonly string[])[];
}

/** A value that only grows. */
export interface Counter {
  add(amount: number, ...labels: LabelValues): void;
}

/** A distribution of values. */
export interface Histogram {
  observe(value: number, ...labels: LabelValues): void;
}

/** Seconds, from a lone entry to a client's patience. */
const LATENCY_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics that are asked for together: those of one service, or of several in one process. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  /** A counter with these label names. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const values = new Map<string, { readonly labels: LabelValues; value: number }>();
    this.#add({ name, help, type: "counter" }, () =>
      [...values.values()].map(({ labels, value }) => `${name}${labelText(labelNames, labels)} ${value}`),
    );
    return {
      add(amount, ...labels) {
        const key = labels.join("\0");
        const one = values.get(key);
        if (one === undefined) values.set(key, { labels, value: amount });
        else one.value += amount;
      },
    };
  }

  /** A value that is read when it is asked for; `labels` are names with their values, the same for ever. */
  gauge(name: string, help: string, read: () => number, labels: Readonly<Record<string, string>> = {}): void {
    const text = labelText(Object.keys(labels), Object.values(labels));
    this.#add({ name, help, type: "gauge" }, () => [`${name}${text} ${read()}`]);
  }

  /** A histogram with these label names; `bounds` ascend, in the unit that the name says. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    bounds: readonly number[] = LATENCY_BUCKETS,
  ): Histogram {
    const series = new Map<string, Distribution>();
    this.#add({ name, help, type: "histogram" }, () =>
      [...series.values()].flatMap((one) => distributionLines(name, labelNames, bounds, one)),
    );
    return {
      observe(value, ...labels) {
        const key = labels.join("\0");
        const one = series.get(key) ?? { labels, counts: bounds.map(() => 0), count: 0, sum: 0 };
        series.set(key, one);
        for (const [at, bound] of bounds.entries()) if (value <= bound) one.counts[at] = (one.counts[at] ?? 0) + 1;
        one.count += 1;
        one.sum += value;
      },
    };
  }

  /** All of them, as Prometheus reads them: media type `text/plain; version=0.0.4`. */
  text(): string {
    return [...this.#families.values()]
      .map(({ name, help, type, parts }) => {
        const samples = parts.flatMap((samplesOf) => samplesOf());
        return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines(samples)}`;
      })
      .join("");
  }

  /** @throws TypeError when the name is that of another type */
  #add(family: Omit<Family, "parts">, samplesOf: () => readonly string[]): void {
    const known = this.#families.get(family.name);
    if (known === undefined) this.#families.set(family.name, { ...family, parts: [samplesOf] });
    else if (known.type === family.type) known.parts.push(samplesOf);
    else throw new TypeError(`expected ${family.name} to be a ${known.type}, got a ${family.type}`);
  }
}

interface Distribution {
  readonly labels: LabelValues;
  readonly counts: number[];
  count: number;
  sum: number;
}

function distributionLines(
  name: string,
  labelNames: readonly string[],
  bounds: readonly number[],
  { labels, counts, count, sum }: Distribution,
): string[] {
  const names = [...labelNames, "le"];
  const bucket = (bound: string, value: number): string =>
    `${name}_bucket${labelText(names, [...labels, bound])} ${value}`;
  const own = labelText(labelNames, labels);
  return [
    ...bounds.map((bound, at) => bucket(String(bound), counts[at] ?? 0)),
    bucket("+Inf", count),
    `${name}_sum${own} ${sum}`,
    `${name}_count${own} ${count}`,
  ];
}

/** "label_value [...] backslash, double-quote and line feed characters have to be escaped" */
function labelText(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, at) => {
    const value = (values[at] ?? "").replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
    return `${name}="${value.replaceAll('"', String.raw`\"`)}"`;
  });
  return `{${pairs.join(",")}}`;
}

function lines(samples: readonly string[]): string {
  return samples.map((sample) => `${sample}\n`).join("");
}
