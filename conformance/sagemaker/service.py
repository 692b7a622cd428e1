"""A service with one trained endpoint, by way of its native API, and how a lane reports."""

import json
import math
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

ROWS = 400
HORIZON = 4
WINDOW = 48
HOUR = 3600


@dataclass
class Service:
    url: str
    key: str

    def call(self, method: str, path: str, body: bytes | dict | None = None, content_type: str = "application/json"):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        headers = {"authorization": f"Bearer {self.key}", "content-type": content_type}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.status} {error.read().decode()}") from None

    def train(self, rows: list[tuple[str, float, float]]) -> None:
        """Deploys ridge on two hourly series as the endpoint `plant`."""
        lines = ["time,load,temperature", *(f"{stamp},{one},{other}" for stamp, one, other in rows)]
        query = "/datasets?name=plant&layout=wide&columnsAs=assets"
        dataset = self.call("POST", query, "\n".join(lines).encode(), "text/csv")
        parameters = {
            "data": {"datasetId": dataset["datasetId"], "targets": ["load"], "baseAssets": "all"},
            "features": {"calendar": {"enabled": True}},
            "windows": {"lookBack": 24, "horizon": HORIZON},
            "algorithm": {"name": "ridge"},
        }
        template = self.call("POST", "/templates", {"name": "plant", "parameters": parameters})
        execution = self.call("POST", "/executions", {"templateId": template["templateId"]})
        while execution["status"] not in ("SUCCEEDED", "FAILED", "CANCELLED", "STOPPED"):
            time.sleep(0.2)
            execution = self.call("GET", f"/executions/{execution['executionId']}")
        assert execution["status"] == "SUCCEEDED", execution
        self.call("POST", "/endpoints", {"name": "plant", "model": execution["model"]["name"]})


def example_rows() -> list[tuple[str, float, float]]:
    """Hourly, from the start of 2024, with a daily season."""
    begin = 1_704_067_200
    rows = []
    for row in range(ROWS):
        day = math.sin(row / 24 * 2 * math.pi)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin + row * HOUR))
        # Two seasons that do not divide each other stand for noise.
        wobble = math.sin(row * 1.7) + math.sin(row * 2.9)
        rows.append((stamp, round(100 + 20 * day + wobble, 3), round(15 - 5 * day + wobble / 2, 3)))
    return rows
