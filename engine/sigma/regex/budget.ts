/**
 * Events, counted, so that what an expression may cost holds for all values of one event together. Where nobody says when events
 * begin, each text stands alone.
 */
let events = 0;

/** Before an evaluator looks at an event. */
export function beginEvent(): void {
  events++;
}

/** Number of the event that is looked at; 0 where nobody counts them. */
export function currentEvent(): number {
  return events;
}
