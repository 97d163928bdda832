/** The features of this console, in the order of the rail. A new one is added here and nowhere else. */
import type { Feature } from '../client/feature.ts';
import { alerts } from '../features/alerts/index.ts';
import { hunt } from '../features/hunt/index.ts';
import { pipeline } from '../features/pipeline/index.ts';
import { rules } from '../features/rules/index.ts';
import { settings } from '../features/settings/index.ts';
import { signIn } from '../features/sign-in/index.ts';
import { sources } from '../features/sources/index.ts';
import { start } from '../features/start/index.ts';

export const features: readonly Feature[] = [alerts, hunt, sources, rules, pipeline, start, settings, signIn];
