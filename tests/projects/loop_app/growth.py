"""Values that are copied whole to add to them."""

from functools import reduce
from itertools import chain


def list_plus(items):
    out = []
    for item in items:
        out = out + [item]  # slow: [growing-concatenation]
    return out


def list_spread(items):
    out = []
    for item in items:
        out = [*out, item]  # slow: [growing-concatenation]
    return out


def tuple_plus(items):
    out = ()
    for item in items:
        out += (item,)  # slow: [growing-concatenation]
    return out


def dict_spread(items):
    out = {}
    for item in items:
        out = {**out, item.number: item}  # slow: [growing-concatenation]
    return out


def dict_or(items):
    out = {}
    for item in items:
        out = out | {item.number: item}  # slow: [growing-concatenation]
    return out


def bytes_plus(items):
    out = b""
    for item in items:
        out += item.raw  # slow: [growing-concatenation]
    return out


def text_of_an_object(items):
    page = Page()
    for item in items:
        page.write(item)
    page.fill(items)
    return page.text


class Page:
    def __init__(self):
        self.text = ""

    def write(self, item):
        self.last = item

    def fill(self, items):
        for item in items:
            self.text += f"<li>{item.number}</li>"  # slow: [growing-concatenation]


def sum_of_lists(lists):
    return sum(lists, [])  # slow: [growing-concatenation]


def reduced(lists):
    return reduce(lambda a, b: a + b, lists, [])  # slow: [growing-concatenation]


def appended(items):
    out = []
    for item in items:
        out.append(item)
    return out


def list_in_place(items):
    out = []
    for item in items:
        out += [item]
    return out


def dict_in_place(items):
    out = {}
    for item in items:
        out[item.number] = item
        out.update({item.number: item})
    return out


def anew_each_round(items):
    total = 0
    for item in items:
        pair = []
        pair = pair + [item]
        total += len(pair)
    return total


def text_of_each_item(items):
    cells = []
    for item in items:
        cell = {"class": "plain", "number": item.number}
        cell["class"] += " wide"
        cells.append(cell)
    return cells


def of_constants(items):
    out = []
    for name in ("a", "b", "c"):
        out = out + [name]
    return out


def sum_of_numbers(items):
    return sum(item.number for item in items) + sum([item.number for item in items], 1)


def chained(lists):
    return list(chain.from_iterable(lists))


def bytes_in_place(items):
    out = bytearray()
    for item in items:
        out += item.raw
    return bytes(out)
