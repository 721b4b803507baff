"""A strict reader of Prometheus' text format, version 0.0.4: what it accepts,
Prometheus accepts, and what a lenient scraper would let through is an error
here."""
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}


class Malformed(AssertionError):
    pass


def check(condition, what):
    if not condition:
        raise Malformed(what)


class Family:
    def __init__(self, name, help_text):
        self.name = name
        self.help = help_text
        self.type = None
        self.series = {}  # (sample name, labels as a frozenset) -> value


class Exposition:
    """One scrape. `value` and `sum` look series up by name and labels."""

    def __init__(self, text):
        self.families = {}
        self.current = None
        check(text.endswith("\n"), "the last line does not end")
        check("\r" not in text, "a carriage return")
        for line in text[:-1].split("\n"):
            self._line(line)
        for family in self.families.values():
            check(family.type, f"{family.name}: no TYPE")
            check(family.series, f"{family.name}: no series")
            if family.type == "histogram":
                check_histogram(family)

    # -- reading ------------------------------------------------------------

    def _line(self, line):
        check(line, "an empty line")
        check(line == line.strip(), f"blanks at an end: {line!r}")
        if line.startswith("# HELP "):
            self._help(*(line[7:].split(" ", 1)))
        elif line.startswith("# TYPE "):
            self._type(*(line[7:].split(" ")))
        else:
            check(not line.startswith("#"), f"a comment: {line!r}")
            self._sample(line)

    def _help(self, name, help_text):
        check(NAME.match(name), f"name {name!r}")
        check(name not in self.families, f"{name}: told twice")
        check(help_text.strip(), f"{name}: empty HELP")
        self.current = self.families[name] = Family(name, help_text)

    def _type(self, name, kind):
        check(self.current and self.current.name == name,
              f"TYPE of {name} does not follow its HELP")
        check(self.current.type is None, f"{name}: two TYPEs")
        check(kind in TYPES, f"{name}: type {kind!r}")
        self.current.type = kind

    def _sample(self, line):
        name = re.match(r"[^{ ]*", line).group()
        rest = line[len(name):]
        labels = {}
        if rest.startswith("{"):
            labels, rest = read_labels(rest[1:], name)
        check(re.match(r" [^ ]+\Z", rest), f"value of {line!r}")
        family = self.current
        check(family and family.type, f"{name}: no HELP and TYPE before it")
        check(name in sample_names(family),
              f"{name} stands in the family {family.name}")
        key = (name, frozenset(labels.items()))
        check(key not in family.series, f"twice: {line!r}")
        family.series[key] = read_number(rest[1:])
        if family.type in ("counter", "histogram") and not name.endswith(
                "_sum"):
            check(family.series[key] >= 0, f"negative: {line!r}")

    # -- asking -------------------------------------------------------------

    def series(self, name):
        """{labels as a frozenset: value} of a sample name."""
        for family in self.families.values():
            if name in sample_names(family):
                return {labels: value
                        for (sample, labels), value in family.series.items()
                        if sample == name}
        return {}

    def value(self, name, **labels):
        """The one series with exactly these labels; None without it."""
        return self.series(name).get(frozenset(labels.items()))

    def sum(self, name, **labels):
        """All series that have at least these labels, added up."""
        wanted = set(labels.items())
        return sum(value for has, value in self.series(name).items()
                   if wanted <= has)


def sample_names(family):
    if family.type == "histogram":
        return {family.name + suffix for suffix in ("_bucket", "_sum", "_count")}
    return {family.name}


def read_labels(text, name):
    """The labels of `a="b",c="d"} rest`, and the rest."""
    labels = {}
    while True:
        label, separator, text = text.partition('="')
        check(separator and LABEL.match(label), f"{name}: label {label!r}")
        check(not label.startswith("__"), f"{name}: reserved label {label!r}")
        check(label not in labels, f"{name}: label {label} twice")
        value = ""
        while True:
            check(text, f"{name}: label {label} does not end")
            char, text = text[0], text[1:]
            if char == '"':
                break
            if char == "\\":
                check(text and text[0] in ESCAPES, f"{name}: escape in {label}")
                char, text = ESCAPES[text[0]], text[1:]
            value += char
        labels[label] = value
        check(text[:1] in (",", "}"), f"{name}: after label {label}")
        end, text = text[0] == "}", text[1:]
        if end:
            return labels, text


def read_number(text):
    if text in ("+Inf", "-Inf"):
        return math.inf if text == "+Inf" else -math.inf
    check(NUMBER.match(text), f"number {text!r}")
    return float(text)


def check_histogram(family):
    groups = {}
    for (sample, labels), value in family.series.items():
        suffix = sample[len(family.name):]
        plain = frozenset(item for item in labels if item[0] != "le")
        bounds = dict(labels).get("le")
        check((bounds is not None) == (suffix == "_bucket"),
              f"{sample}: le")
        groups.setdefault(plain, []).append((suffix, bounds, value))
    for labels, samples in groups.items():
        what = f"{family.name} {sorted(labels)}"
        counts = [value for suffix, _, value in samples if suffix == "_count"]
        sums = [value for suffix, _, value in samples if suffix == "_sum"]
        check(len(counts) == 1 and len(sums) == 1, f"{what}: sum and count")
        buckets = [(read_number(bound), value)
                   for suffix, bound, value in samples if suffix == "_bucket"]
        check(buckets == sorted(buckets), f"{what}: buckets not in order")
        values = [value for _, value in buckets]
        check(values == sorted(values), f"{what}: not cumulative")
        check(buckets and buckets[-1] == (math.inf, counts[0]),
              f"{what}: +Inf is not the count")
        if counts[0] == 0:
            check(sums[0] == 0, f"{what}: a sum of nothing")
