"""Lists that are taken from, and added to, at their front."""

from collections import deque


def taken_from_the_front(queue: list):
    out = []
    while queue:
        out.append(queue.pop(0))  # slow: [list-pop-front]
    return out


def added_to_the_front(items, queue: list):
    for item in items:
        queue.insert(0, item)  # slow: [list-pop-front]
    return queue


def taken_from_the_end(queue: list):
    out = []
    while queue:
        out.append(queue.pop())
    return out


def taken_from_a_deque(queue: list):
    waiting = deque(queue)
    out = []
    while waiting:
        out.append(waiting.popleft())
    return out


def first_only(queue: list):
    return queue.pop(0)


def of_each_item_alone(items):
    firsts = []
    for item in items:
        sizes = list(item.sizes)
        firsts.append(sizes.pop(0))
    return firsts
