"""The same forecasts, to the bit, through boto3 and tritonclient as through the native API; errors as their classes."""

import json
import os
import sys

import boto3
import numpy as np
import tritonclient.http as triton
from botocore.config import Config
from botocore.exceptions import ClientError
from tritonclient.utils import InferenceServerException

from report import Report
from service import HORIZON, WINDOW, Service, example_rows

service = Service(sys.argv[1], os.environ["KEY"])
rows = example_rows()
service.train(rows)
stamps = [row[0] for row in rows[-WINDOW:]]
load = [row[1] for row in rows[-WINDOW:]]
temperature = [row[2] for row in rows[-WINDOW:]]
window = {"times": stamps, "series": {"load": load, "temperature": temperature}}
native = service.call("POST", "/endpoints/plant/forecast", {"window": window})["forecasts"][0]
narrow = native["intervals"][0]
assert narrow["coverage"] == 0.8, narrow


def runtime(token: str | None):
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=service.url,
        region_name="us-east-1",
        aws_access_key_id="trainyard",
        aws_secret_access_key="unused",
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


client = runtime(service.key)


def equal(found, expected) -> None:
    found, expected = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if found.shape != expected.shape or found.tobytes() != expected.tobytes():
        raise AssertionError(f"{found} is not {expected}")


def csv_with_names() -> str:
    body = "\n".join(["time,load,temperature", *(f"{t},{a},{b}" for t, a, b in zip(stamps, load, temperature))])
    answer = client.invoke_endpoint(EndpointName="plant", ContentType="text/csv", Body=body)
    header, *lines = answer["Body"].read().decode().split()
    assert header == "time,load", header
    assert answer["ContentType"] == "text/csv" and answer["InvokedProductionVariant"] == "AllTraffic", answer
    equal([float(line.split(",")[1]) for line in lines], native["mean"])
    return f"{len(lines)} steps"


def csv_without_names() -> str:
    body = "\n".join(f"{a},{b}" for a, b in zip(load, temperature))
    answer = client.invoke_endpoint(EndpointName="plant", ContentType="text/csv", Accept="text/csv", Body=body)
    equal([float(line) for line in answer["Body"].read().decode().split()], native["mean"])
    return "the newest rows"


INSTANCE = {"start": stamps[0].replace("T", " ").rstrip("Z"), "target": load, "dynamic_feat": [temperature]}
CONFIGURATION = {"num_samples": 100, "output_types": ["mean", "quantiles", "samples"], "quantiles": ["0.1", "0.5", "0.9"]}


def time_series_json() -> str:
    body = json.dumps({"instances": [INSTANCE] * 3, "configuration": CONFIGURATION})
    answer = client.invoke_endpoint(
        EndpointName="plant",
        ContentType="application/json",
        Body=body,
        InferenceId="lane-1",
        CustomAttributes="from=boto3",
    )
    assert answer["CustomAttributes"] == "from=boto3", answer
    predictions = json.load(answer["Body"])["predictions"]
    for prediction in predictions:
        equal(prediction["mean"], native["mean"])
        equal(prediction["quantiles"]["0.1"], narrow["lower"])
        equal(prediction["quantiles"]["0.5"], native["mean"])
        equal(prediction["quantiles"]["0.9"], narrow["upper"])
        assert np.asarray(prediction["samples"]).shape == (100, HORIZON)
    stored = service.call("GET", "/endpoints/plant/predictions?limit=20")["items"]
    kept = [one for one in stored if one.get("inferenceId") == "lane-1"]
    assert len(predictions) == len(kept) == 3, (len(predictions), len(kept))
    return "3 instances, 3 stored predictions"


def json_lines() -> str:
    body = "\n".join(json.dumps(line) for line in [INSTANCE, {"window": window}])
    answer = client.invoke_endpoint(EndpointName="plant", ContentType="application/jsonlines", Body=body)
    one, other = (json.loads(line) for line in answer["Body"].read().decode().splitlines())
    equal(one["mean"], native["mean"])
    equal(other["forecasts"][0]["mean"], native["mean"])
    return "an instance and a native body"


def fails(name: str, status: int, message: str, using=None, **invocation) -> str:
    call = {"EndpointName": "plant", "ContentType": "application/json", "Body": "{}", **invocation}
    try:
        (using or client).invoke_endpoint(**call)
    except ClientError as error:
        found = error.response["Error"]
        assert found["Code"] == name, found
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        assert message in found["Message"], found
        return f"{name}: {found['Message'][:80]}"
    raise AssertionError("it was answered")


def model_error() -> str:
    try:
        client.invoke_endpoint(EndpointName="plant", ContentType="text/csv", Body="1,2\n3,4\n")
    except client.exceptions.ModelError as error:
        assert error.response["OriginalStatusCode"] == 422, error.response
        assert json.loads(error.response["OriginalMessage"])["code"] == "WINDOW_INVALID", error.response
        return error.response["Error"]["Message"]
    raise AssertionError("it was answered")


oip = triton.InferenceServerClient(service.url.removeprefix("http://"))


def key() -> dict:
    """A dictionary of its own for each call: the client writes the length of its JSON into it."""
    return {"authorization": f"Bearer {service.key}"}



def oip_inputs(binary: bool, batch: int, datatype: str = "FP64") -> list[triton.InferInput]:
    inputs = []
    for name, values in (("load", load), ("temperature", temperature)):
        array = np.tile(np.asarray(values, dtype={"FP64": np.float64, "FP32": np.float32}[datatype]), (batch, 1))
        tensor = triton.InferInput(name, list(array.shape), datatype)
        inputs.append(tensor.set_data_from_numpy(array, binary_data=binary))
    times = np.tile(np.asarray(stamps, dtype=object), (batch, 1))
    return [*inputs, triton.InferInput("times", list(times.shape), "BYTES").set_data_from_numpy(times, binary_data=binary)]


def oip_health() -> str:
    assert oip.is_server_live() and oip.is_server_ready()
    assert oip.is_model_ready("plant", headers=key()) and not oip.is_model_ready("nobody", headers=key())
    metadata = oip.get_model_metadata("plant", headers=key())
    assert [one["name"] for one in metadata["inputs"]] == ["load", "temperature", "inputs", "times"], metadata
    return f"version {metadata['versions'][0]} of {oip.get_server_metadata(headers=key())['name']}"


def oip_infer(binary: bool) -> str:
    outputs = None if binary else [triton.InferRequestedOutput(name, binary_data=False) for name in ("load", "load_q0.9")]
    result = oip.infer("plant", oip_inputs(binary, 2), outputs=outputs, request_id="17", headers=key())
    equal(result.as_numpy("load"), [native["mean"]] * 2)
    equal(result.as_numpy("load_q0.9"), [narrow["upper"]] * 2)
    if binary:
        assert [one.decode() for one in result.as_numpy("times")[1]] == native["times"]
    assert result.get_response()["id"] == "17"
    return f"{len(result.get_response()['outputs'])} outputs"


def oip_floats() -> str:
    result = oip.infer("plant", oip_inputs(True, 1, "FP32"), headers=key())
    single = {name: [float(np.float32(one)) for one in values] for name, values in window["series"].items()}
    body = {"window": {"times": stamps, "series": single}}
    equal(result.as_numpy("load"), [service.call("POST", "/endpoints/plant/forecast", body)["forecasts"][0]["mean"]])
    return "as the native API answers the rounded values"


def oip_fails(message: str, model: str, inputs: list[triton.InferInput], headers: dict) -> str:
    try:
        oip.infer(model, inputs, headers=headers)
    except InferenceServerException as error:
        assert message in error.message(), error.message()
        return f"{error.status()}: {error.message()[:80]}"
    raise AssertionError("it was answered")


report = Report()
report.case("boto3: CSV with names", csv_with_names)
report.case("boto3: CSV without names", csv_without_names)
report.case("boto3: time-series JSON", time_series_json)
report.case("boto3: JSON Lines", json_lines)
report.case("boto3: unknown endpoint", lambda: fails("ValidationError", 400, 'no endpoint "nobody"', EndpointName="nobody"))
report.case("boto3: bad body", lambda: fails("ValidationError", 400, "is not JSON", Body="{"))
report.case("boto3: unknown type", lambda: fails("ValidationError", 400, "is not read", ContentType="image/png"))
report.case("boto3: unknown variant", lambda: fails("ValidationError", 400, 'no variant "blue"', TargetVariant="blue"))
report.case("boto3: model error", model_error)
for token in (None, "wrong"):
    report.case(
        f"boto3: session token {token}",
        lambda token=token: fails("UnrecognizedClientException", 403, "API key", using=runtime(token)),
    )
report.case("tritonclient: health and metadata", oip_health)
report.case("tritonclient: infer, binary", lambda: oip_infer(True))
report.case("tritonclient: infer, JSON", lambda: oip_infer(False))
report.case("tritonclient: infer, FP32", oip_floats)
report.case("tritonclient: unknown model", lambda: oip_fails("no endpoint", "nobody", oip_inputs(True, 1), key()))
report.case("tritonclient: missing series", lambda: oip_fails("missing: load", "plant", oip_inputs(True, 1)[1:], key()))
report.case("tritonclient: no key", lambda: oip_fails("API key", "plant", oip_inputs(True, 1), {}))
print(f"{report.passed} passed, {report.failed} failed")
sys.exit(1 if report.failed else 0)
