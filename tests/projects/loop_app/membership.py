"""Lists that are searched once per round, and what looks like it."""

from collections import Counter

SIZES = ["s", "m", "l"]


def shared(items, others):
    known = [item for item in others]
    return [item for item in items if item in known]  # slow: [quadratic-membership]


def without_repeats(items):
    seen = []
    for item in items:
        if item not in seen:  # slow: [quadratic-membership]
            seen.append(item)
    return seen


def annotated(items, others: list):
    found = 0
    for item in items:
        found += item in others  # slow: [quadratic-membership]
    return found


def in_order(items, others):
    order = list(others)
    return sorted(items, key=lambda item: order.index(item))  # slow: [quadratic-membership]


def repeated_items(items):
    everything = list(items)
    return [item for item in everything if everything.count(item) > 1]  # slow: [quadratic-membership]


def taken_out(items, others):
    left = list(items)
    for item in others:
        left.remove(item)  # slow: [quadratic-membership]
    return left


def by_a_helper(items, others):
    known = sorted(others)
    return [item for item in items if _is_known(known, item)]


def _is_known(known, item):
    return item in known  # slow: [quadratic-membership]


def by_two_helpers(items, others):
    known = tuple(others)
    for item in items:
        _note(item, known)


def _note(item, known):
    if not _listed(item, allowed=known):
        item.noted = True


def _listed(item, allowed):
    return item in allowed  # slow: [quadratic-membership]


def by_a_method(items, others):
    register = Register(others)
    return [item for item in items if register.has(item)]


class Register:
    def __init__(self, items):
        self.items = [item for item in items]

    def has(self, item):
        return item in self.items  # slow: [quadratic-membership]


def values_of_a_dict(items, others):
    by_number = {number: other for number, other in enumerate(others)}
    return [item for item in items if item in by_number.values()]  # slow: [quadratic-membership]


def made_in_each_round(items, others):
    found = []
    for item in items:
        if item in [other for other in others]:  # slow: [quadratic-membership]
            found.append(item)
    return found


def in_a_set(items, others):
    known = {item for item in others}
    return [item for item in items if item in known]


def turned_into_a_set(items, others):
    known = [item for item in others]
    known = set(known)
    return [item for item in items if item in known]


def in_a_dict(items, others):
    known = {item: 1 for item in others}
    return [item for item in items if item in known and item in known.keys()]


def without_repeats_by_a_set(items):
    seen = set()
    out = []
    for item in items:
        if item not in seen:
            seen.add(item)
            out.append(item)
    return out


def without_repeats_by_a_dict(items):
    return list(dict.fromkeys(items))


def among_constants(items):
    return [item for item in items if item.size in SIZES or item.size in ("xs", "xl")]


def among_a_few(items, others):
    best = sorted(others)[:5]
    return [item for item in items if item in best]


def of_each_item(items):
    return [item for item in items if item.size in [size for size in item.sizes]]


def once(items, others):
    known = [item for item in others]
    return items[0] in known


def counted(items):
    counts = Counter(items)
    return [item for item in items if counts[item] > 1]


def positions(items, others):
    position = {item: number for number, item in enumerate(others)}
    return sorted(items, key=lambda item: position[item])


def per_group(items):
    groups = {}
    for item in items:
        sizes = groups.setdefault(item.key, [])
        if item.size not in sizes:
            sizes.append(item.size)
    return groups
