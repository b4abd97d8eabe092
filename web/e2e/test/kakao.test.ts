// Everybody the mock knows, and everything it can do wrong, as a visitor meets them.
import { describe, expect, it } from 'vitest';
import { useBrowser } from '../support/browser.js';
import { consent, failure, loginButton, sees, somebodyNew, visit } from '../support/shop.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const browsing = useBrowser();

/** Of the mock's README: number, and the code of those who are refused. */
const PEOPLE: [name: string, number: string, refused?: string][] = [
  ['full', '4000000001'],
  ['nickname-only', '4000000002'],
  ['bare', '4000000003'],
  ['email-unverified', '4000000004'],
  ['email-invalid', '4000000005'],
  ['email-needs-agreement', '4000000006'],
  ['big-id', '1376016924429759228'],
  ['default-image', '4000000007'],
  ['under-14', '4000000008', 'KAKAO_UNDER_AGE'],
  ['all-fields', '4000000009'],
  ['abroad', '4000000010'],
  ['preregistered', '4000000011'],
  ['sanctioned', '4000000012', 'KAKAO_PERSON_REFUSED'],
  ['no-email', '4000000013'],
];

it('the list below is everybody', async () => {
  const { persons } = (await (await fetch(`${world.mock}/__mock/persons`)).json()) as { persons: { name: string; id: string }[] };
  expect(persons.map(({ name, id }) => [name, id])).toEqual(PEOPLE.map(([name, id]) => [name, id]));
});

const both = (['/', '/b'] as const).flatMap((path) => PEOPLE.map(([name, number, refused]) => ({ path, name, number, refused })));

// Where the exchange ends differs between the flows for those who are refused, and for those with little or much to tell.
it.each(both.filter(({ path, name, refused }) => path === '/' || refused || ['bare', 'big-id'].includes(name)))(
  'from $path as $name',
  async ({ path, name, number, refused }) => {
    const page = await visit(await browsing.open(), world, path);
    await loginButton(page).click();
    await consent(page, name);
    if (refused) {
      await failure(page, refused);
      await sees(page, { status: 'signed-out' });
    } else {
      await sees(page, { status: 'signed-in', username: `kakao_${number}` });
    }
  },
);

describe('failures offered on the consent page', () => {
  it.each(['KOE004', 'KOE006', 'KOE101', 'KOE205'])('%s ends at Kakao', async (code) => {
    const page = await visit(await browsing.open(), world);
    await loginButton(page).click();
    await page.getByText('다음 응답을 실패시키기').click();
    await page.getByRole('button', { name: code, exact: true }).click();
    await page.getByRole('alert').getByRole('heading', { name: code }).waitFor();
    expect(new URL(page.url()).origin).toBe(world.mock);
  });

  it.each([
    ['KOE010', 'KAKAO_MISCONFIGURED'],
    ['KOE303', 'KAKAO_MISCONFIGURED'],
    ['KOE320', 'KAKAO_CODE_USED'],
    ['5초 지연', 'KAKAO_UNAVAILABLE'],
    ['500', 'KAKAO_UNAVAILABLE'],
    ['깨진 JSON', 'KAKAO_UNAVAILABLE'],
  ])('%s comes back as %s, once', async (button, code) => {
    const page = await visit(await browsing.open(), world, '/?item=3');
    await loginButton(page).click();
    await page.getByText('다음 응답을 실패시키기').click();
    await page.getByRole('button', { name: button, exact: true }).click();
    await failure(page, code);
    expect(page.url()).toBe(`${world.front.url}/?item=3`);
    await page.getByRole('button', { name: '다시 시도' }).click();
    await sees(page, { status: 'signed-in' });
  });
});

describe('failures of POST /__mock/next', () => {
  const refused: [object, string][] = [
    [{ error: 'KOE009' }, 'KAKAO_MISCONFIGURED'],
    [{ error: 'KOE237' }, 'KAKAO_UNAVAILABLE'],
    [{ fault: 'token_reset' }, 'KAKAO_UNAVAILABLE'],
    [{ fault: 'token_huge' }, 'KAKAO_UNAVAILABLE'],
    [{ fault: 'id_token', value: 'wrong_nonce' }, 'KAKAO_LOGIN_FAILED'],
    [{ fault: 'id_token', value: 'bad_signature' }, 'KAKAO_LOGIN_FAILED'],
    [{ endpoint: 'user_me', code: -402, required_scopes: ['account_email'] }, 'KAKAO_CONSENT_REQUIRED'],
  ];
  it.each(refused)('%j: %s', async (fault, code) => {
    const page = await visit(await browsing.open(), world, '/b');
    await loginButton(page).click();
    await world.fail(fault);
    await consent(page, somebodyNew());
    await failure(page, code);
    await sees(page, { status: 'signed-out' });
  });

  it('an error Kakao redirects with', async () => {
    const page = await visit(await browsing.open(), world);
    await world.fail({ fault: 'authorize_error', value: { error: 'server_error', description: 'x' } });
    await loginButton(page).click();
    await failure(page, 'KAKAO_UNAVAILABLE');
  });

  it('a page of Kakao’s own', async () => {
    const page = await visit(await browsing.open(), world);
    await world.fail({ error: 'KOE006' });
    await loginButton(page).click();
    await page.getByRole('alert').getByRole('heading', { name: 'KOE006' }).waitFor();
  });

  it('a profile that cannot be read does not keep anybody out who proved who they are', async () => {
    const page = await visit(await browsing.open(), world);
    const person = somebodyNew();
    await loginButton(page).click();
    await world.fail({ endpoint: 'user_me', how: { status: 502 } });
    await consent(page, person);
    await sees(page, { status: 'signed-in', username: `kakao_${person}` });
  });
});
