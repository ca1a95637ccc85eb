#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cri.py SOCKET METHOD [REQUEST]: one call of a container runtime, as a kubelet makes it.

REQUEST and the answer are JSON, with the names of cri.proto (cri_pb2, which protoc makes of it, is
looked for in PYTHONPATH); the output of ExecSync is text here. An error goes to stderr: exit 1.
"""

import json
import sys

import cri_pb2
import grpc
from google.protobuf import json_format

DEADLINE = 90  # seconds


def main(socket, method, request="{}"):
    message = json_format.Parse(request, getattr(cri_pb2, method + "Request")())
    answer_type = getattr(cri_pb2, method + "Response")
    with grpc.insecure_channel("unix:" + socket) as channel:
        call = channel.unary_unary(
            "/runtime.v1.RuntimeService/" + method,
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=answer_type.FromString,
        )
        answer = call(message, timeout=DEADLINE)
    fields = json_format.MessageToDict(
        answer, including_default_value_fields=True, preserving_proto_field_name=True
    )
    for name in ("stdout", "stderr"):
        if name in fields:
            fields[name] = getattr(answer, name).decode(errors="replace")
    print(json.dumps(fields))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
