"""Two collections matched by equality."""


def nested(items, others):
    pairs = []
    for item in items:
        for other in others:
            if item.key == other.key:  # slow: [nested-loop-join]
                pairs.append((item, other))
    return pairs


def by_next(items, others):
    found = []
    for item in items:
        found.append(next((other for other in others if other.key == item.key), None))  # slow: [nested-loop-join]
    return found


def by_comprehension(items, others):
    return {
        item: [other for other in others if other.key == item.key]  # slow: [nested-loop-join]
        for item in items
    }


def of_dicts(items, records):
    for item in items:
        for record in records:
            if record["key"] != item.key:  # slow: [nested-loop-join]
                continue
            item.record = record


def by_a_finder(items, others):
    return [_find(others, item.key) for item in items]


def _find(others, key):
    for other in others:
        if other.key == key:  # slow: [nested-loop-join]
            return other
    return None


def by_an_index(items, others):
    by_key = {other.key: other for other in others}
    return [by_key.get(item.key) for item in items]


def by_groups(items, others):
    groups = {}
    for other in others:
        groups.setdefault(other.key, []).append(other)
    pairs = []
    for item in items:
        for other in groups.get(item.key, ()):
            if other.size == item.size:
                pairs.append((item, other))
    return pairs


def of_its_own(items):
    for item in items:
        for size in item.sizes:
            if size == item.size:
                item.fits = True


def against_constants(items):
    for item in items:
        for size in ("s", "m", "l"):
            if size == item.size:
                item.fits = True


def chosen(items, others):
    big = [other for other in others if other.size == "l"]
    return [item for item in items if item.size == "l"], big


def _the_one(others, key):
    return next((other for other in others if other.key == key), None)


def looked_up_once(items, others):
    return _the_one(others, items[0].key)
