"""What FastAPI answers with: classes of pydantic and SQLModel that are filled from rows."""

from typing import Annotated, Generic, TypeVar

from core.heroes import TeamBase
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from sqlmodel import SQLModel

T = TypeVar("T")


class Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CountryOut(Read):
    name: str


class CustomerName(Read):
    name: str


class CustomerOut(CustomerName):
    country: CountryOut  # slow: [lazy-load-in-serializer]


class ProductOut(Read):
    name: str


class LineOut(Read):
    quantity: int
    product: ProductOut  # slow: [lazy-load-in-serializer]


class OrderNumber(Read):
    number: str
    customer_id: int


class OrderOut(OrderNumber):
    customer: CustomerOut  # slow: [lazy-load-in-serializer]


class OrderLines(OrderNumber):
    lines: list[LineOut] | None = None  # slow: [lazy-load-in-serializer]


class OrderAliased(Read):
    buyer: CustomerName = Field(validation_alias="customer")  # slow: [lazy-load-in-serializer]


class OrderTagged(Read):
    tags: list[str]  # slow: [lazy-load-in-serializer]

    @field_validator("tags", mode="before")
    @classmethod
    def names(cls, value):
        return [tag.name for tag in value]


def name_of(customer):
    return customer.name


class OrderBuyer(Read):
    customer: Annotated[str, BeforeValidator(name_of)]  # slow: [lazy-load-in-serializer]


class OrderFlat(Read):
    number: str
    country: str

    @model_validator(mode="before")
    @classmethod
    def flat(cls, order):
        return {"number": order.number, "country": order.customer.country.name}  # slow: [lazy-load-in-serializer]


class Envelope(BaseModel, Generic[T]):
    data: T
    total: int = 0


class OrderPage(Read):
    items: list[OrderOut]


class OrderUnread(Read):
    """What is a property of the schema, or of its class, is no field."""

    number: str

    @property
    def customer(self):
        return None


class TeamPublic(TeamBase):
    id: int


class HeroPublic(SQLModel):
    name: str


class HeroPublicWithTeam(HeroPublic):
    team: TeamPublic | None = None  # slow: [lazy-load-in-serializer]
