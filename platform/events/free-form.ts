/** Parents whose keys are the record's own and may themselves hold dots. */
export const FREE_FORM: readonly string[] = [
  'winlog.event_data',
  'winlog.user_data',
  'auditd.data',
  'json',
  'labels',
  'log.syslog.structured_data',
];
