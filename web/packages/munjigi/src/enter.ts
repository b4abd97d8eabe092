import type { Keeper } from './keeper.js';
import type { TokenAnswer } from './session.js';

const quietly = (work: Promise<unknown> | undefined) => Promise.resolve(work).catch(() => {});

/** Finishes a login with no refresh beside it: their cookies would overtake each other. */
export function enter({ flight, fly, track, take, open }: Keeper, exchange: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
  const done = quietly(flight()).then(async () => {
    const answer = await exchange();
    take(answer);
    return answer;
  });
  // Who wants a token waits for the login; if that fails, a refresh finds out who is there.
  const token = done.then(
    ({ access_token }) => access_token,
    () => fly(),
  );
  void quietly(track(token));
  void open.ready();
  return done;
}
