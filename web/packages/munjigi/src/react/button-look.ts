// Kakao's design guide for the login button, as declarations: container #FEE500, label #000000 at 85 %, radius 12 px, the system's font.
//
// They are set through the CSSOM when the button appears, before it is painted: a Content-Security-Policy without 'unsafe-inline'
// forbids `<style>` elements and `style` attributes in markup, and lets scripts set properties. A server's markup carries no `style`
// therefore; `munjigi/button.css` holds the same declarations for pages that want the first paint of a server render to be right.

export interface Look {
  size?: 'sm' | 'md' | 'lg';
  width?: 'auto' | 'full' | undefined;
  align?: 'center' | 'left' | undefined;
}

const declarations = (css: string): Record<string, string> => Object.fromEntries(css.split(';').map((one) => one.split(':')));

/** The guide's; not to be overridden. */
const BRAND = declarations('background-color:#FEE500;border-radius:12px;color:rgba(0,0,0,.85)');

export const BASE: Readonly<Record<string, string>> = {
  ...BRAND,
  ...declarations(
    'align-items:center;border:0;box-sizing:border-box;cursor:pointer;display:inline-flex;font-family:system-ui,sans-serif;' +
      'font-weight:500;forced-color-adjust:none;gap:.5em;justify-content:center;line-height:1;min-height:3em;padding:0 1em;' +
      'text-decoration:none;white-space:nowrap',
  ),
};

/** Everything else is in `em`: 36, 45 and 54 px high where the reader's text is 16 px. */
export const FONT_SIZE = { sm: '.75rem', md: '.9375rem', lg: '1.125rem' } as const;

/** Kakao's yellow is 1.28:1 on white, so the ring is ours: 16.7:1. */
export const RING = '2px solid #1E1E1E';
const FORCED = '1px solid ButtonText';

const isForced = () => globalThis.matchMedia?.('(forced-colors: active)').matches;

export const lookOf = ({ size = 'md', width, align }: Look): Record<string, string> => ({
  ...BASE,
  'font-size': FONT_SIZE[size],
  width: width === 'full' ? '100%' : '',
  ...(align === 'left' && { 'justify-content': 'flex-start' }),
});

/** Sets what the app does not set itself in `style`; the brand's always. */
export function dress(element: HTMLElement, look: Look, style: object = {}): void {
  for (const [name, value] of Object.entries(lookOf(look))) {
    const inScript = name.replace(/-./g, (letter) => letter.slice(1).toUpperCase());
    if (name in BRAND || !(inScript in style)) element.style.setProperty(name, value);
  }
  ring(element);
}

/** A style attribute has no :focus-visible. */
export function ring(element: HTMLElement): void {
  const focused = element.matches(':focus-visible');
  element.style.setProperty('outline', focused ? RING : isForced() ? FORCED : '');
  element.style.setProperty('outline-offset', '2px');
}
