#!/usr/bin/env bash
# Endpoints asked by the clients that Python users have: boto3 (SageMaker Runtime) and tritonclient (Open Inference Protocol).
set -euo pipefail
cd "$(dirname "$0")/../.."

. conformance/python.sh
python="$(python_with clients-1 'boto3, numpy, tritonclient.http' conformance/sagemaker/requirements.txt)"

npm run build --silent
KEY=conformance-key
TRAINYARD_API_KEYS="lane:trainer:$(printf %s "$KEY" | sha256sum | cut -d' ' -f1)"
export KEY TRAINYARD_API_KEYS
PYTHONPATH=conformance node conformance/with-service.mjs "$python" conformance/sagemaker/compare.py
