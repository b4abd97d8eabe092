import providerSource from '../actions/provider.tsx?raw';
import { SignIn } from '../actions/sign-in';
import signInSource from '../actions/sign-in.tsx?raw';
import { link } from '../curl';
import { Answer } from './answer';
import { Code } from './code';

/** Begins as what the server rendered, so that nothing moves. */
export const SignedOut = () => (
  <div className="action starting">
    <div className="action-press">
      <SignIn />
    </div>
    <div className="codes small">
      <Code title="React" text={signInSource} isOpen />
      <Code title="Provider" text={providerSource} />
      <Code title="HTML" text={link} />
    </div>
    <Answer />
  </div>
);
