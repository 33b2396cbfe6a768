"""Data frames worked on row by row."""

import pandas as pd


def row_by_row(records):
    frame = pd.DataFrame(records)
    total = 0
    for _, row in frame.iterrows():  # slow: [row-wise-dataframe]
        total += row["number"]
    return total


def applied_to_rows(records):
    frame = pd.DataFrame(records)
    return frame.apply(lambda row: row["number"] + 1, axis=1)  # slow: [row-wise-dataframe]


def grown(records):
    frame = pd.DataFrame()
    for record in records:
        frame = pd.concat([frame, pd.DataFrame([record])])  # slow: [growing-concatenation]
    return frame


def by_columns(records):
    frame = pd.DataFrame(records)
    frame["next"] = frame["number"] + 1
    return frame["next"].sum()


def by_tuples(records):
    frame = pd.DataFrame(records)
    return sum(row.number for row in frame.itertuples())


def applied_to_columns(records):
    frame = pd.DataFrame(records)
    return frame.apply(lambda column: column.size)


def concatenated_once(records):
    frames = [pd.DataFrame([record]) for record in records]
    return pd.concat(frames)
