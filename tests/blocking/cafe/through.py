"""A call that waits in what the coroutine calls: functions, methods, properties, constructors, other files."""

import functools

from . import stock
from .stock import KIOSK, Door, Grinder, Ledger, Machine, Recipe, Roaster, Shelf, SilentGrinder, SlowGrinder
from .stock import menu_text as text_of_the_menu

LEDGER = Ledger()
SHELF = Shelf()


class Waiter:
    def __init__(self, ledger: Ledger, shelf: Shelf) -> None:
        self.ledger = ledger
        self.shelf = shelf

    async def bill(self) -> object:
        return self.ledger.total()

    def look(self) -> int:
        return self.shelf.size


async def case_function_of_another_file() -> float:
    return stock.price("latte")


async def case_function_under_another_name() -> str:
    return text_of_the_menu()


async def case_generator() -> list[str]:
    return list(stock.lines())


async def case_attribute_of_a_parameter() -> object:
    return await Waiter(LEDGER, SHELF).bill()


async def case_property() -> int:
    return Waiter(LEDGER, SHELF).look()


async def case_constructor() -> str:
    return Recipe("latte").name


async def case_item() -> bytes:
    return SHELF["menu.json"]


async def case_length() -> int:
    return len(SHELF)


async def case_membership() -> bool:
    return "menu.json" in SHELF


async def case_called_object() -> str:
    return SHELF()


async def case_class_method() -> Shelf:
    return Shelf.opened()


async def case_static_method() -> None:
    Shelf.dusted()


async def case_context_manager() -> None:
    with Door():
        pass


async def case_generator_as_context_manager() -> str:
    with stock.opened_shop() as state:
        return state


async def case_decorator() -> int:
    return stock.portion(9)


async def _served(grinder: Grinder) -> str:
    return grinder.serve()


async def case_override_of_an_abstract_method() -> str:
    return await _served(SlowGrinder())


async def _roasted(roaster: Roaster) -> str:
    return roaster.roast()


async def case_protocol() -> str:
    return await _roasted(stock.DrumRoaster())


async def case_super() -> None:
    stock.machine().warm()


async def case_bound_method_passed_on() -> None:
    stock.counted(1, Machine().warm)


async def case_partial() -> float:
    return functools.partial(stock.price, "latte")()


async def case_lambda() -> str:
    ask = lambda drink: stock.price(drink)  # noqa: E731, PLW0108
    return f"{ask('latte')}"


async def case_nested_function() -> int:
    def weigh() -> int:
        return len(stock.menu_text())

    return weigh()


async def case_object_that_is_made_anew() -> str:
    stall = stock.Stall()
    return stall.menu()


async def case_conditional_expression(fresh: bool = True) -> str:
    return stock.menu_text() if fresh else ""


async def case_sorted_by_a_key() -> list[str]:
    return sorted(["latte", "espresso"], key=stock.price)


# What looks like it and does not wait ---------------------------------------------------------------------------------


async def case_override_that_does_not_wait() -> str:
    return SilentGrinder().serve()


async def case_remembered_for_good() -> str:
    return stock.opening_hours()


async def case_kept_by_its_object() -> str:
    return KIOSK.menu()


async def case_a_function_is_only_named() -> str:
    ask = stock.menu_text
    return ask.__name__


async def case_a_generator_is_only_made() -> bool:
    return bool(stock.names())


async def case_a_property_of_the_class() -> bool:
    return isinstance(Shelf.size, property)


def prepare() -> None:
    """What the application has done before its first request."""
    stock.opening_hours()
    KIOSK.menu()
