import { errorMaker, type ErrorCatalogue } from '@vong/platform/errors';

export const ALERT_ERRORS = {
  ALERT_NOT_FOUND: { status: 404, message: 'There is no alert {id} in your reach.' },
  ALERT_CHANGED: { status: 409, message: 'Someone else changed this alert meanwhile. Look at it as it is now, then decide again.' },
  ALERT_CLOSING_INCOMPLETE: { status: 422, message: 'Closing an alert needs a verdict and a reason.' },
  ALERT_NO_CHANGE: { status: 422, message: 'The change is empty: say a status, an assignee, a verdict or a reason.' },
  ALERT_ASSIGNEE_UNKNOWN: { status: 422, message: 'The alert cannot be given to {assignee}: no such person can see this alert.' },
  ALERT_BAD_FILTER: { status: 400, message: 'The filter {field} does not know the value {value}. It takes: {allowed}.' },
  ALERT_BAD_CURSOR: { status: 400, message: 'The cursor is not one this list gave. Start again from the first page.' },
  ALERT_EVENT_UNKNOWN: { status: 404, message: 'The event {event} is not one of this alert.' },
  ALERT_NO_EXPLANATION: {
    status: 404,
    message: 'The rule {rule} or the event {event} is no longer there, so the match cannot be explained.',
  },
} satisfies ErrorCatalogue<string>;

export const alertError = errorMaker(ALERT_ERRORS);
