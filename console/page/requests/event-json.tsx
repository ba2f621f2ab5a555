import type { PublishedEvent } from '../../api/published.ts';
import { Json } from '../parts/json.tsx';

/** The SNS message attributes of an event, which its JSON does not contain, such as the correlation id and the metadata of the request. */
export function Attributes({ attributes }: Pick<PublishedEvent, 'attributes'>) {
  if (Object.keys(attributes).length === 0) return null;
  return (
    <>
      <p>Message attributes</p>
      <Json value={attributes} label="the message attributes" />
    </>
  );
}

/** An event as it was published: its JSON, and its message attributes. */
export function EventJson({ event, attributes }: PublishedEvent) {
  return (
    <>
      <Json value={event} label="the event" />
      <Attributes attributes={attributes} />
    </>
  );
}
