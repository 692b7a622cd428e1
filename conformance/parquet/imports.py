"""Files that pyarrow and pandas write, imported by the service and compared with what pandas reads from them."""

import io
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from report import Report
from service import Refused, Rows, Service, assert_equal, rows_of

ROWS = 420
ROW_GROUP = 150
START = np.datetime64("2024-03-30T00:00:00", "s")
SPECIAL = [0.0, -0.0, 0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -123456.789, 2.0**53 + 2]


def written(table: pa.Table, **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **{"row_group_size": ROW_GROUP, **options})
    return out.getvalue()


def instants(step_seconds: int = 3600) -> np.ndarray:
    return START + np.arange(ROWS) * np.timedelta64(step_seconds, "s")


def with_nulls(values: list, kind: pa.DataType) -> pa.Array:
    return pa.array([None if at % 7 == 3 else value for at, value in enumerate(values)], type=kind)


def integers(kind: str) -> pa.Array:
    limits = np.iinfo(kind)
    drawn = np.random.default_rng(5).integers(limits.min, limits.max, ROWS, dtype=kind, endpoint=True)
    drawn[:2] = [limits.min, limits.max]
    return with_nulls(drawn.tolist(), pa.from_numpy_dtype(np.dtype(kind)))


def decimals(precision: int, scale: int, kind: type = pa.decimal128) -> pa.Array:
    draw = np.random.default_rng(precision)
    digits = ["".join(map(str, draw.integers(0, 10, precision))) for _ in range(ROWS)]
    texts = [f"{'-' if at % 2 else ''}{text}E-{scale}" for at, text in enumerate(digits)]
    return with_nulls([Decimal(text) for text in texts], kind(precision, scale))


def numbers() -> dict[str, pa.Array]:
    random = np.random.default_rng(1)
    double = random.normal(size=ROWS)
    double[: len(SPECIAL)] = SPECIAL
    columns = {
        "float64": pa.array(double),
        "float64_nulls": with_nulls(double.tolist(), pa.float64()),
        "float64_nan": pa.array(np.where(np.arange(ROWS) % 5 == 0, np.nan, double)),
        "float32": with_nulls(random.normal(size=ROWS).astype("float32").tolist(), pa.float32()),
        "float16": with_nulls(random.normal(size=ROWS).astype("float16").tolist(), pa.float16()),
        "all_null": pa.nulls(ROWS, pa.float64()),
        "nothing": pa.nulls(ROWS),
        "few": pa.array(np.arange(ROWS) % 3, type=pa.float64()),
        "required": pa.array(double),
    }
    for kind in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        columns[kind] = integers(kind)
    for precision, scale in [(5, 2), (9, 0), (18, 6), (38, 10)]:
        columns[f"decimal_{precision}_{scale}"] = decimals(precision, scale)
    columns["decimal_76_20"] = decimals(76, 20, pa.decimal256)
    return columns


def table_of(columns: dict[str, pa.Array], time: pa.Array) -> pa.Table:
    fields = [pa.field("time", time.type)]
    fields += [pa.field(name, array.type, nullable=name != "required") for name, array in columns.items()]
    return pa.table([time, *columns.values()], schema=pa.schema(fields))


def agree(service: Service, content: bytes, time: str = "time", asset: str | None = None, **options: str) -> str:
    frame = pd.read_parquet(io.BytesIO(content)).reset_index()
    columns = [name for name in frame.columns if name not in (time, asset, "index")]
    return stored_as(service, content, rows_of(frame, time, asset, columns), columns, **options)


def stored_as(service: Service, content: bytes, expected: Rows, columns: list[str], **options: str) -> str:
    answer = service.send(content, **options)
    return f"{assert_equal(service.rows(answer['datasetId'], columns), expected)} values equal"


def check_imports(service: Service, report: Report) -> None:
    check_encodings(service, report)
    check_times(service, report)
    check_long(service, report)
    check_frames(service, report)
    check_refusals(service, report)


def check_encodings(service: Service, report: Report) -> None:
    columns = numbers()
    table = table_of(columns, pa.array(instants(), type=pa.timestamp("us")))
    for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
        for page in ["1.0", "2.0"]:
            content = written(table, compression=codec, data_page_version=page, data_page_size=2048)
            report.case(f"{codec}, data page {page[0]}", lambda: agree(service, content))
    forms = {
        "plain, no dictionary": {"use_dictionary": False},
        "one row group": {"row_group_size": ROWS},
        "row groups of five rows": {"row_group_size": 5},
        "decimals as integers": {"store_decimal_as_integer": True},
        "format version 1.0": {"version": "1.0"},
        "without Arrow's schema": {"store_schema": False},
        "page checksums and index": {"write_page_checksum": True, "write_page_index": True},
        "a dictionary that overflows": {"dictionary_pagesize_limit": 512},
    }
    for name, options in forms.items():
        content = written(table, **options)
        report.case(name, lambda: agree(service, content))
    whole = [name for name in columns if name.startswith(("int", "uint"))]
    floats = ["float64", "float64_nulls", "float32"]
    for encoding, names in {
        "DELTA_BINARY_PACKED": ["time", *whole],
        "BYTE_STREAM_SPLIT": [*floats, "int32", "int64", "decimal_38_10"],
    }.items():
        encodings = dict.fromkeys(names, encoding)
        content = written(table.select(sorted({"time", *names})), use_dictionary=False, column_encoding=encodings)
        report.case(f"encoding {encoding}", lambda: agree(service, content))


def check_times(service: Service, report: Report) -> None:
    values = {"v": pa.array(np.random.default_rng(2).normal(size=ROWS))}
    finer = {"s": 0, "ms": 7, "us": 7_123, "ns": 7_123_456}
    for unit, offset in finer.items():
        # From before 1970, where integers are negative, to after it.
        moments = (np.datetime64("1969-12-25", unit) + np.arange(ROWS) * np.timedelta64(3600, "s")).astype("int64")
        for zone in [None, "UTC", "Europe/Berlin"]:
            content = written(table_of(values, pa.array(moments + offset, type=pa.timestamp(unit, zone))))
            report.case(f"timestamp {unit}, zone {zone}", lambda: agree(service, content))
    for start in ["2024-03-30", "1900-01-01"]:
        time = pa.array(np.datetime64(start, "ns") + np.arange(ROWS) * np.timedelta64(3_600_000_123_456, "ns"))
        content = written(table_of(values, time), use_deprecated_int96_timestamps=True, version="1.0")
        report.case(f"INT96 from {start}", lambda: agree(service, content))
        content = written(table_of(values, pa.array(np.datetime64(start, "D") + np.arange(ROWS))))
        report.case(f"date32 from {start}", lambda: agree(service, content))
    # Local times over a night in which clocks are put forward and one in which they are put back.
    local = pd.date_range("2024-03-29", "2024-11-01", freq="6h", unit="ms")
    content = written(pa.table({"time": local, "v": np.arange(len(local), dtype="float64")}))
    moments = pd.DataFrame({"time": local.tz_localize("Europe/Berlin"), "v": np.arange(len(local), dtype="float64")})
    expected = rows_of(moments, "time", None, ["v"])
    report.case(
        "local times with timeZone", lambda: stored_as(service, content, expected, ["v"], timeZone="Europe/Berlin")
    )
    # Beyond what nanoseconds reach (1677 to 2262).
    years = np.array(["0001-01-01", "1500-06-01", "3000-01-01", "9999-12-31"], dtype="datetime64[ms]")
    content = written(pa.table({"time": years, "v": [1.0, 2.0, 3.0, 4.0]}))
    report.case("years 1 to 9999", lambda: agree(service, content))


def check_long(service: Service, report: Report) -> None:
    names = ["IBM", "MSFT", "DAX.DE", "Zürich", "a,b", 'quo"te']
    table = pa.table(
        {
            "date": np.repeat(instants(86_400)[: ROWS // 6], 6),
            "ticker": pa.array(names * (ROWS // 6)),
            "close": with_nulls(np.random.default_rng(3).normal(size=ROWS).tolist(), pa.float64()),
            "volume": integers("int64"),
        }
    )
    kinds = {
        "string": pa.string(),
        "large string": pa.large_string(),
        "dictionary": pa.dictionary(pa.int8(), pa.string()),
    }
    for name, kind in kinds.items():
        content = written(table.set_column(1, "ticker", table["ticker"].cast(kind)))
        report.case(f"long, assets as {name}", lambda: agree(service, content, "date", "ticker", layout="long"))
    for encoding in ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"]:
        content = written(table, use_dictionary=False, column_encoding={"ticker": encoding})
        report.case(f"long, assets in {encoding}", lambda: agree(service, content, "date", "ticker", layout="long"))
    frame = table.to_pandas().astype({"ticker": "category"})
    content = frame.to_parquet(index=False)
    report.case("long, pandas categories", lambda: agree(service, content, "date", "ticker", layout="long"))


def check_frames(service: Service, report: Report) -> None:
    frame = pd.DataFrame({"a": np.arange(20.0), "b": pd.array([1, None] * 10, dtype="Int64")})
    for name in [None, "date", "when"]:
        indexed = frame.set_index(pd.date_range("2024-01-01", periods=20, freq="15min", tz="UTC", name=name))
        content = indexed.to_parquet()
        column = "index" if name is None else name
        expected = rows_of(indexed.reset_index(), column, None, ["a", "b"])
        report.case(
            f"pandas, index of times named {name}", lambda: stored_as(service, content, expected, ["a", "b"])
        )
    texts = pd.DataFrame({"time": instants().astype(str)[:20], "a": np.arange(20.0)})
    content = texts.to_parquet()
    expected = rows_of(texts.assign(time=pd.to_datetime(texts["time"])), "time", None, ["a"])
    report.case("times as text", lambda: stored_as(service, content, expected, ["a"]))


def check_refusals(service: Service, report: Report) -> None:
    time = pa.array(instants()[:3])
    for name, values, code in [
        ("infinity", pa.array([1.0, float("inf"), 2.0]), "VALUE_NOT_FINITE"),
        ("truth values", pa.array([True, False, True]), "VALUE_NOT_FINITE"),
        ("text", pa.array(["a", "b", "c"]), "VALUE_NOT_FINITE"),
        ("a list", pa.array([[1.0], [2.0], [3.0]]), "DATASET_FORMAT_INVALID"),
        ("a struct", pa.array([{"x": 1.0}] * 3), "DATASET_FORMAT_INVALID"),
        ("other times", pa.array(instants()[:3]), "DATASET_FORMAT_INVALID"),
        ("times of day", pa.array([1, 2, 3], type=pa.time64("us")), "DATASET_FORMAT_INVALID"),
        ("dates", pa.array([1, 2, 3], type=pa.date32()), "DATASET_FORMAT_INVALID"),
    ]:
        content = written(pa.table({"time": time, "v": values}))
        report.case(f"refuses {name}", lambda: refused(service, content, code))
    table = pa.table({"time": time, "v": [1.0, 2.0, 3.0]})
    report.case("refuses half a file", lambda: refused(service, written(table)[:-200], "DATASET_FORMAT_INVALID"))
    missing = pa.table({"time": pa.array([None, *instants()[:2]]), "v": [1.0, 2.0, 3.0]})
    report.case("refuses a missing time", lambda: refused(service, written(missing), "TIMESTAMP_INVALID"))


def refused(service: Service, content: bytes, code: str) -> str:
    try:
        answer = service.send(content)
    except Refused as refusal:
        if refusal.code != code:
            raise AssertionError(f"{refusal}, not {code}") from None
        return str(refusal)
    raise AssertionError(f"it was imported as {answer['datasetId']}")
