import { KakaoLoginButton } from 'munjigi/react';

export const SignIn = () => <KakaoLoginButton as="link" size="lg" />;
