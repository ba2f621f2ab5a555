"""Creates a queue for completions, and prints its address: python3 subscribe.py NAME

COMPLETION_TOPIC is the ARN of greenroom's completion topic. A repeated run finds the queue and the subscription.
"""

import json
import os
import sys

import boto3


def subscribe(name: str) -> str:
    """Subscribes the queue with this name in the account and region of the topic. Returns the URL of the queue."""
    topic = os.environ["COMPLETION_TOPIC"]
    partition, region, account = topic.split(":")[1], topic.split(":")[3], topic.split(":")[4]
    queue = f"arn:{partition}:sqs:{region}:{account}:{name}"
    only_the_topic = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    sqs = boto3.client("sqs", region_name=region)
    attributes = {"Policy": json.dumps(only_the_topic), "MessageRetentionPeriod": "1209600"}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    boto3.client("sns", region_name=region).subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"}
    )
    return url


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(subscribe(sys.argv[1]))
