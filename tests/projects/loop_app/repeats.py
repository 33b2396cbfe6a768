"""Work that is done again: texts parsed, lists sorted, objects copied, patterns compiled."""

import copy
import json
import re

import jinja2
import yaml

RULES = "a: 1\nb: [1, 2]"


def parsed_in_a_loop(items, text):
    found = []
    for item in items:
        found.append((item, json.loads(text)))  # slow: [repeated-parse]
    return found


def configured_in_a_loop(items):
    return [(item, yaml.safe_load(RULES)) for item in items]  # slow: [repeated-parse]


def template_in_a_loop(items):
    pages = []
    for item in items:
        pages.append(jinja2.Template("<li>{{ name }}</li>").render(name=item.number))  # slow: [repeated-parse]
    return pages


def sorted_in_a_loop(items, others):
    known = list(others)
    best = []
    for item in items:
        best.append((item, sorted(known)[0]))  # slow: [repeated-sort]
    return best


def sorted_by_a_key(items, others):
    known = [other for other in others]
    ranks = []
    for item in items:
        ranks.append((item, sorted(known, key=lambda other: other.key)))  # slow: [repeated-sort]
    return ranks


def sorted_after_each(items):
    out = []
    for item in items:
        out.append(item)
        out.sort()  # slow: [repeated-sort]
    return out


def copied_in_a_loop(items):
    template = {"a": [1, 2], "b": {"c": 1}}
    made = []
    for item in items:
        made.append((item, copy.deepcopy(template)))  # slow: [deepcopy-in-loop]
    return made


def patterns_in_loops(few, others):
    found = 0
    for item in few:
        for other in others:
            found += bool(re.search(rf"\b{other.number}\b", item.text))  # slow: [recompiled-regex]
    return found


def parsed_by_a_helper(items, text):
    return [_chosen(text, item) for item in items]


def _chosen(options, item):
    return item, _options(options)


def _options(text):
    return json.loads(text)  # slow: [repeated-parse]


def each_its_own_by_a_helper(items):
    return [_loaded(item.text_of_json) for item in items]


def _loaded(text):
    return json.loads(text)


def copied_by_a_helper(items):
    template = {"a": [1, 2], "b": {"c": 1}}
    return [_filled(template, item) for item in items]


def _filled(template, item):
    made = copy.deepcopy(template)  # slow: [deepcopy-in-loop]
    made["item"] = item
    return made


def snapshots(items):
    state = {"seen": 0}
    made = []
    for item in items:
        state["seen"] = item.number
        made.append(copy.deepcopy(state))
    return made


def fed(items):
    reader = Reader()
    return [_read(reader, item) for item in items]


class Reader:
    def __init__(self):
        self.text = "0"

    def feed(self, item):
        self.text = item.text_of_json


def _read(reader, item):
    reader.feed(item)
    return json.loads(reader.text)


def fed_in_a_loop(items):
    reader = Reader()
    found = []
    for item in items:
        reader.feed(item)
        found.append(json.loads(reader.text))
    return found


def each_its_own(items):
    return [(item, json.loads(item.text_of_json)) for item in items]


def parsed_before(items, text):
    parsed = json.loads(text)
    return [(item, parsed) for item in items]


def sorted_before(items, others):
    ranked = sorted(others)
    return [(item, ranked[0]) for item in items]


def each_sorted(items):
    return [sorted(item.sizes) for item in items]


def sorted_after_all(items):
    out = []
    for item in items:
        out.append(item)
    out.sort()
    return out


def copied_flat(items):
    template = {"a": [1, 2], "b": {"c": 1}}
    return [(item, {**template, "number": item.number}) for item in items]


def each_copied(items):
    return [copy.deepcopy(item.sizes) for item in items]


def one_pattern(items):
    pattern = re.compile(r"\b\d+\b")
    return [bool(pattern.search(item.text)) or bool(re.search(r"\d", item.text)) for item in items]


def patterns_before(items, others):
    pattern = re.compile("|".join(str(other.number) for other in others[:5]))
    return sum(bool(pattern.search(item.text)) for item in items)
