#!/usr/bin/env bash
# Requests a room, waits for its completion, and prints the ARN of the room: request-room.sh KEY NAME
#
# QUEUE_URL is the address of greenroom's interactive queue, and COMPLETION_TOPIC the ARN of its completion topic. The script receives the
# completion from a queue of its own, which it removes at the end. A repeated run is safe: the key gets at most one room. Needs jq.
set -euo pipefail
key=${1:?the key is missing} name=${2:?the name is missing}
wait_seconds=${WAIT_SECONDS:-60}

# Version 1 of the AWS CLI ignores the variable AWS_ENDPOINT_URL for SQS.
aws() { command aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} --output text "$@"; }

remove() {
  if [ -n "${subscription:-}" ]; then aws sns unsubscribe --subscription-arn "$subscription"; fi
  if [ -n "${own_queue:-}" ]; then aws sqs delete-queue --queue-url "$own_queue"; fi
}
trap remove EXIT

IFS=: read -r _ partition _ region account _ <<< "$COMPLETION_TOPIC"
queue_name=room-request-$(date +%s)-$$
queue_arn=arn:$partition:sqs:$region:$account:$queue_name
# Only the topic may send to the queue. The policy is a string within the attributes.
attributes=$(jq --null-input --arg queue "$queue_arn" --arg topic "$COMPLETION_TOPIC" '{
  MessageRetentionPeriod: "3600",
  Policy: ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage",
    Resource: $queue, Condition: { ArnEquals: { "aws:SourceArn": $topic } } }] } | tojson)
}')
own_queue=$(aws sqs create-queue --queue-name "$queue_name" --attributes "$attributes" --query QueueUrl)
# Before the request is sent, because the topic does not keep events.
subscription=$(aws sns subscribe --topic-arn "$COMPLETION_TOPIC" --protocol sqs --notification-endpoint "$queue_arn" \
  --attributes RawMessageDelivery=true --return-subscription-arn --query SubscriptionArn)

request=$(jq --null-input --arg key "$key" --arg name "$name" \
  '{ idempotencyKey: $key, room: { name: $name }, tenant: "sports", region: "eu-west-1" }')
aws sqs send-message --queue-url "$QUEUE_URL" --message-group-id sports/eu-west-1 --message-body "$request" > /dev/null

while [ "$SECONDS" -lt "$wait_seconds" ]; do
  received=$(aws --output json sqs receive-message --queue-url "$own_queue" --wait-time-seconds 5 --max-number-of-messages 10)
  # The AWS CLI prints nothing if there are no messages.
  outcome=$(jq --raw-output --arg key "$key" '[.Messages[]?.Body | fromjson
    | select(.subject == $key and (.type | IN("greenroom.room.provisioned.v1", "greenroom.room.failed.v1")))][0].data // empty' <<< "$received")
  if [ -n "$outcome" ]; then
    jq --raw-output --exit-status '.room.arn // empty' <<< "$outcome" && exit 0
    echo "$key has no room: $(jq --raw-output '.reason, (.problems[]? | "\(.path) \(.message)")' <<< "$outcome")" >&2
    exit 1
  fi
done
echo "$key has no outcome after $wait_seconds seconds. Run this script again" >&2
exit 1
