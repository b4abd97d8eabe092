// What the server-rendered page says about itself.
import type { Locale } from 'munjigi';

/** The part of the page that is alive. */
export const live = document.getElementById('live') as HTMLElement;

export const lang: Locale = document.documentElement.lang === 'en' ? 'en' : 'ko';
export const mockUrl = live.dataset.mockUrl ?? '';
export const publicUrl = live.dataset.publicUrl ?? '';

export const focusOn = (id: string) => document.getElementById(id)?.focus();
