"""The service's datasets over HTTP, and what a dataset holds as plain milliseconds and doubles."""

import json
import math
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import numpy as np
import pandas as pd

Rows = dict[str, list[tuple]]  # by asset: (milliseconds since 1970, double, double, …) in ascending time


class Refused(Exception):
    """An answer that is no success: its code and its message."""

    def __init__(self, problem: dict):
        super().__init__(f"{problem['code']}: {problem['message']}")
        self.code = problem["code"]


@dataclass
class Service:
    url: str

    def send(self, content: bytes, **options: str) -> dict:
        """Imports a Parquet file as a new dataset."""
        query = urllib.parse.urlencode({"name": "conformance", "columnsAs": "columns", "asset": "one", **options})
        headers = {"content-type": "application/vnd.apache.parquet"}
        request = urllib.request.Request(f"{self.url}/api/v1/datasets?{query}", data=content, headers=headers)
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error)) from None

    def export_url(self, dataset_id: str, **options: str) -> str:
        return f"{self.url}/api/v1/datasets/{dataset_id}/versions/1/export?{urllib.parse.urlencode(options)}"

    def rows(self, dataset_id: str, columns: list[str]) -> Rows:
        """What is stored, by way of JSON: Python reads its numbers as the nearest double, and its writer is not Parquet's."""
        with urllib.request.urlopen(self.export_url(dataset_id, format="json", layout="long")) as response:
            records = json.load(response)
        rows: Rows = {}
        for record in records:
            moment = int(np.datetime64(record["time"].removesuffix("Z"), "ms").astype("int64"))
            values = (math.nan if record[name] is None else float(record[name]) for name in columns)
            rows.setdefault(record["asset"], []).append((moment, *values))
        return rows


def milliseconds(times: pd.Series) -> list[int]:
    """Of moments, or of local times as if they were UTC; what is finer is cut off, towards the past."""
    if times.dtype == object:
        times = pd.to_datetime(times)
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    return times.dt.floor("ms").to_numpy("datetime64[ms]").astype("int64").tolist()


def doubles(values: pd.Series) -> list[float]:
    return [math.nan if pd.isna(value) else float(value) for value in values]


def rows_of(frame: pd.DataFrame, time: str, asset: str | None, columns: list[str]) -> Rows:
    moments = milliseconds(frame[time])
    assets = ["one"] * len(frame) if asset is None else frame[asset].astype(str).tolist()
    rows: Rows = {}
    for name, *row in zip(assets, moments, *(doubles(frame[column]) for column in columns), strict=True):
        rows.setdefault(name, []).append(tuple(row))
    return rows


def assert_equal(found: Rows, expected: Rows) -> int:
    """Bit for bit but for the sign of zero; the number of values that were compared."""
    if sorted(found) != sorted(expected):
        raise AssertionError(f"assets {sorted(found)}, not {sorted(expected)}")
    count = 0
    for asset, rows in expected.items():
        if len(found[asset]) != len(rows):
            raise AssertionError(f"{len(found[asset])} rows of {asset}, not {len(rows)}")
        for number, (ours, theirs) in enumerate(zip(found[asset], rows, strict=True)):
            for at, (a, b) in enumerate(zip(ours, theirs, strict=True)):
                if a != b and not (math.isnan(a) and math.isnan(b)):
                    raise AssertionError(f"{asset}, row {number}, field {at}: {a!r}, not {b!r}")
                count += 1
    return count
