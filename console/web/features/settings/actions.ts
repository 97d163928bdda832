/** Everything the trail has an entry for. */
export const ACTIONS = [
  'agency.create',
  'agency.change',
  'agent.create',
  'agent.revoke',
  'alert.change',
  'alert.comment',
  'dead_letter.replay',
  'key.create',
  'key.revoke',
  'recording.upload',
  'replay.start',
  'replay.cancel',
  'rule.import',
  'rule.enable',
  'rule.disable',
  'saved_search.create',
  'saved_search.delete',
  'user.set_up',
  'user.create',
  'user.change',
  'user.link',
  'user.password',
  'user.sign_in',
  'user.sign_in_failed',
  'user.sign_out',
  'user.session_end',
  'values.change',
] as const;

export function isAction(text: string): text is (typeof ACTIONS)[number] {
  return ACTIONS.some((action) => action === text);
}
