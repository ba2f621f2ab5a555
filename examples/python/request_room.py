"""Requests a room: python3 request_room.py KEY NAME

QUEUE_URL is the address of greenroom's interactive queue. A repeated run with the same arguments is safe: the key gets at most one room.
"""

import json
import os
import sys

import boto3

TENANT, REGION = "sports", "eu-west-1"


def request_room(key: str, name: str) -> str:
    """Sends the request. Returns the id of the SQS message. Raises ClientError if SQS does not accept it."""
    request = {"idempotencyKey": key, "room": {"name": name}, "tenant": TENANT, "region": REGION}
    sent = boto3.client("sqs").send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=json.dumps(request),
        MessageGroupId=f"{TENANT}/{REGION}",
    )
    return sent["MessageId"]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(f"Sent as {request_room(*sys.argv[1:])}")
