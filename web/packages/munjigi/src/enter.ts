import type { Keeper } from './keeper.js';
import type { TokenAnswer } from './session.js';

/** Finishes a login with no refresh beside it: their cookies would overtake each other. */
export function enter(keeper: Keeper, exchange: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
  const { flight, fly, track, take, open } = keeper;
  const quietly = (work: Promise<unknown> | undefined) => Promise.resolve(work).catch(() => {});
  const done = quietly(flight()).then(async () => {
    const answer = await exchange();
    take(answer);
    return answer;
  });
  // Who wants a token waits for the login; if that fails, a refresh finds out who is there.
  void quietly(
    track(
      done.then(
        ({ access_token }) => access_token,
        () => fly(),
      ),
    ),
  );
  void open.ready();
  return done;
}
