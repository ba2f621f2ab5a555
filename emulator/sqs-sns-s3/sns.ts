import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type { Fauxqs } from './fauxqs.ts';

const PUBLISHING = ['Publish', 'PublishBatch'];

/** SNS: fauxqs, restricted to queues whose policy lets the topic send. */
export function createSns(fauxqs: Fauxqs) {
  return {
    handle(request: ServiceRequest): Promise<ServiceResponse> {
      const form = new URLSearchParams(request.body.toString('utf8'));
      const topicArn = form.get('TopicArn');
      return topicArn !== null && PUBLISHING.includes(form.get('Action') ?? '')
        ? fauxqs.publish(topicArn, request)
        : fauxqs.forward(request);
    },
  };
}
