"""Receives completions, and prints each of them once: python3 receive_rooms.py DATABASE

COMPLETIONS_URL is the address of the queue that subscribe.py has created. The program ends when the queue has been empty for 5 seconds. To
receive forever, replace `while` in `receive`. The database is a SQLite file with the ids of the completions.
"""

import json
import os
import sqlite3
import sys

import boto3


def use(completion: dict) -> None:
    """What your application does with a completion. Replace this function."""
    data = completion["data"]
    if completion["type"] == "greenroom.room.provisioned.v1":
        print(f"{data['idempotencyKey']}  {data['room']['arn']}")
    elif completion["type"] == "greenroom.room.failed.v1":
        print(f"{data.get('idempotencyKey', '-')}  failed: {data['reason']}")


def use_once(seen: sqlite3.Connection, completion: dict) -> bool:
    """Uses a completion whose id is not in the database. If this fails, the id is not stored, and the next delivery is used."""
    with seen:
        stored = seen.execute("INSERT OR IGNORE INTO seen (id) VALUES (?)", (completion["id"],))
        if stored.rowcount == 1:
            use(completion)
        return stored.rowcount == 1


def receive(url: str, seen: sqlite3.Connection) -> int:
    """Receives until the queue is empty. Returns how many repeats were dropped."""
    sqs = boto3.client("sqs")
    repeats = 0
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages"):
        for message in messages:
            if not use_once(seen, json.loads(message["Body"])):
                repeats += 1
            # Only now: a message that is not deleted is delivered again.
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return repeats


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    database = sqlite3.connect(sys.argv[1])
    database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
    print(f"Repeats dropped: {receive(os.environ['COMPLETIONS_URL'], database)}")
