"""The service's exports, opened with the calls of docs/formats.md and compared with what was imported."""

import io
import urllib.request
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow.csv

from report import Report
from service import Service, assert_equal, rows_of

Read = Callable[[str], pd.DataFrame]

ROWS = 26_000
COLUMNS = ["open", "close", "volume"]
ASSETS = ["IBM", "Zürich", 'quo"te', "a,b", "007"]
# pd.read_json refuses doubles below 2.2e-308 ("Range error"): only the other assets have them.
JSON_ASSETS = ["IBM", "Zürich", 'quo"te']


def frame() -> pd.DataFrame:
    """More rows of the first asset than one block of an export has; doubles of every magnitude."""
    random = np.random.default_rng(11)
    parts = []
    for at, asset in enumerate(ASSETS):
        rows = ROWS if at == 0 else 200
        bits = random.integers(0, 2**64, (rows, 2), dtype="uint64").view("float64")
        least = np.finfo("float64").smallest_normal if asset in JSON_ASSETS else 0
        values = np.where(np.isfinite(bits) & (np.abs(bits) >= least), bits, np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "time": pd.date_range("1969-06-01", periods=rows, freq="90007ms", tz="UTC", unit="ms"),
                    "asset": asset,
                    "open": values[:, 0],
                    "close": np.where(random.random(rows) < 0.1, np.nan, random.normal(size=rows)),
                    "volume": random.integers(0, 2**53, rows).astype("float64"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def check_exports(service: Service, report: Report) -> None:
    source = frame()
    dataset = service.send(source.to_parquet(index=False), layout="long")["datasetId"]
    expected = rows_of(source, "time", "asset", COLUMNS)
    wide = source.pivot(index="time", columns="asset", values=COLUMNS).sort_index()
    wide.columns = [f"{asset}_{column}" for column, asset in wide.columns]

    def long(call: str, read: Read, assets: list[str], **options: str) -> None:
        def run() -> str:
            frame = read(service.export_url(dataset, **options, **only(assets)))
            found = rows_of(frame, "time", "asset", COLUMNS)
            return f"{assert_equal(found, {asset: expected[asset] for asset in assets})} values equal"

        report.case(f"{call}, long", run)

    def columns(call: str, read: Read, assets: list[str], **options: str) -> None:
        names = [f"{asset}_{column}" for asset in assets for column in COLUMNS]

        def run() -> str:
            frame = read(service.export_url(dataset, layout="wide", **options, **only(assets)))
            theirs = wide[names][wide.index.isin(source["time"][source["asset"].isin(assets)])]
            found, wanted = (rows_of(table, "time", None, names) for table in (frame, theirs.reset_index()))
            return f"{assert_equal(found, wanted)} values equal"

        report.case(f"{call}, wide", run)

    long("pd.read_parquet", pd.read_parquet, ASSETS, format="parquet")
    long("pd.read_csv", read_csv, ASSETS, format="csv")
    long("pyarrow.csv", arrow_csv, ASSETS, format="csv")
    long("pd.read_json, records", read_json, JSON_ASSETS, format="json")
    long("pd.read_json, split", read_split, JSON_ASSETS, format="json", orient="split")
    columns("pd.read_parquet", pd.read_parquet, ASSETS, format="parquet")
    columns("pd.read_csv", read_csv, ASSETS, format="csv")
    columns("pd.read_json, records", read_json, JSON_ASSETS, format="json")


def only(assets: list[str]) -> dict[str, str]:
    return {} if assets == ASSETS else {"assets": ",".join(assets)}


def read_csv(url: str) -> pd.DataFrame:
    return pd.read_csv(url, parse_dates=["time"], float_precision="round_trip", dtype={"asset": str})


def read_json(url: str) -> pd.DataFrame:
    return pd.read_json(url, convert_dates=["time"], precise_float=True, dtype={"asset": str})


def read_split(url: str) -> pd.DataFrame:
    return pd.read_json(url, orient="split", convert_dates=["time"], precise_float=True, dtype={"asset": str})


def arrow_csv(url: str) -> pd.DataFrame:
    options = pyarrow.csv.ConvertOptions(column_types={"asset": "string"})
    with urllib.request.urlopen(url) as response:
        return pyarrow.csv.read_csv(io.BytesIO(response.read()), convert_options=options).to_pandas()
