"""Parquet between Apache Arrow, pandas and the service at URL: what one writes the others read, to the last bit.

    python conformance/parquet/compare.py URL
"""

import sys

import pandas as pd
import pyarrow as pa

from exports import check_exports
from imports import check_imports
from report import Report
from service import Service

service = Service(sys.argv[1])
report = Report()
print(f"pyarrow {pa.__version__}, pandas {pd.__version__}")
check_imports(service, report)
check_exports(service, report)
print(f"{report.passed} agree, {report.failed} failed")
sys.exit(1 if report.failed > 0 or report.passed == 0 else 0)
