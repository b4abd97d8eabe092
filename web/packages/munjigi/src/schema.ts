// Made from openapi/munjigi.json by `npm run schema`. Change the gateway, not this file.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys of access tokens (RFC 7517) */
        get: operations["jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/oauth-authorization-server": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Authorization server metadata (RFC 8414) */
        get: operations["oauthMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/openid-configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same under the name OpenID Connect libraries look for */
        get: operations["openidMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/kakao/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Finish a login by redirect
         * @description The redirect URI registered at Kakao. Works only in the browser that began.
         */
        get: operations["finishLoginByRedirect"];
        put?: never;
        /**
         * Finish a login for a single-page app
         * @description The same code, state and verifier again within 60 seconds get the same session and refresh token.
         */
        post: operations["finishLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/kakao/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a login by redirect
         * @description Open it by navigation (a link, `location.assign`), not by fetch. Ends at `return_to` with the refresh cookie set, or
         *     with `error` and `request_id` in its query.
         */
        get: operations["beginLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/kakao/login-url": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a login for a single-page app
         * @description Give a `code_challenge` when the front end is on another site than the gateway: the login then needs no cookie.
         */
        get: operations["getLoginUrl"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/kakao/nonce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get a nonce
         * @description For one login of a native app: the ID token that comes back must repeat it, so that nobody else's can be used.
         */
        post: operations["getNonce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/kakao/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in with a token of Kakao's SDK
         * @description Only tokens that were made for your own app count: ID tokens for a key of KAKAO_APP_KEYS, access tokens for KAKAO_APP_ID.
         *     The same person from web and app is the same user.
         */
        post: operations["signInWithToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out
         * @description Takes a bearer token, a refresh token or the cookie. Signing out twice is no error.
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the profile */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        /**
         * Leave
         * @description Ends every session of the user and erases their personal data, at once and for good; Kakao is asked to unlink the app from
         *     their account, until it has. The same person signing in later is a new user.
         */
        delete: operations["leave"];
        options?: never;
        head?: never;
        /** Change the nickname */
        patch: operations["changeProfile"];
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refresh the tokens
         * @description Rotates the refresh token. The same token again within 30 seconds gets the same successor, so tabs, retries and double
         *     clicks are safe; later it ends the session, unless the successor was never used.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the sessions of the user */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session of the user */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check an access token
         * @description For back ends without a JWT library. A refresh token is not valid here.
         */
        post: operations["verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/protected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A protected sample
         * @description Needs a valid access token and asks no database. Copy its shape for your own API.
         */
        get: operations["protected"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/kakao/account-status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An account changed
         * @description Register it as the account-status webhook. Takes security event tokens (RFC 8935) signed by Kakao for this app: unlinked
         *     people, revoked tokens and sessions, changed credentials, profiles and consents. Other events are recorded only.
         */
        post: operations["accountStatus"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/kakao/unlink": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A person unlinked (GET)
         * @description Register it as the unlink webhook. Ends the person's sessions at once; ON_UNLINK says what becomes of the user.
         */
        get: operations["unlinkedByQuery"];
        put?: never;
        /**
         * A person unlinked (POST)
         * @description The same as by GET, with the fields in a form, in JSON or in the query.
         */
        post: operations["unlinked"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers, for orchestrators */
        get: operations["livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authorization endpoint
         * @description For clients of OAUTH_CLIENTS, with S256 and an exact redirect URI. Signs the person in through Kakao and comes back with a
         *     code of ours (60 seconds, once) or an error, and with `iss`.
         */
        get: operations["oauthAuthorize"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/introspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask about a token (RFC 7662)
         * @description For clients of OAUTH_CLIENTS that have a secret. Refresh tokens are told about only with `token_type_hint=refresh_token`,
         *     so that nobody takes one for an access token.
         */
        post: operations["oauthIntrospect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a token (RFC 7009)
         * @description Either kind ends its whole session.
         */
        post: operations["oauthRevoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Token endpoint
         * @description Takes a code of `GET /oauth/authorize`, once, and refresh tokens; rotation as at `POST /api/auth/refresh`.
         */
        post: operations["oauthToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/userinfo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Claims about the user (OIDC Core section 5.3) */
        get: operations["oauthUserinfo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether it can sign people in: asks database, schema and keys */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * DeviceSession
         * @description A session: one login on one device.
         * @example {
         *       "created_at": "2026-11-21T03:50:00.123Z",
         *       "current": true,
         *       "ends_at": "2027-02-19T03:50:00Z",
         *       "expires_at": "2026-11-28T04:05:00Z",
         *       "id": "019aa2f0-7c01-7d10-8a52-6a3f0e2b7c11",
         *       "ip": "203.0.113.7",
         *       "last_used_at": "2026-11-21T04:05:00.456Z",
         *       "user_agent": "Mozilla/5.0 (Linux; Android 16) Chrome/142"
         *     }
         */
        DeviceSession: {
            /** @description RFC 3339, UTC. */
            created_at: string;
            /** @description Whether this request belongs to it. */
            current: boolean;
            /** @description When it ends in any case. */
            ends_at: string;
            /** @description When it ends if not used again. */
            expires_at: string;
            /** @description `sid` of its tokens. */
            id: string;
            /** @description Address at the login. */
            ip: string | null;
            /** @description RFC 3339, UTC. */
            last_used_at: string;
            /** @description Browser or app at the login. */
            user_agent: string | null;
        };
        /**
         * Empty
         * @description `{}`
         */
        Empty: Record<string, never>;
        /**
         * Health
         * @description How it is.
         */
        Health: {
            /** @description `healthy`, or `degraded` when Redis is away and each replica limits logins by itself */
            status: string;
        };
        /**
         * Introspection
         * @description RFC 7662 section 2.2.
         */
        Introspection: {
            /** @description Whether the token is valid now; nothing else is told of one that is not. */
            active: boolean;
            /** @description `aud`. */
            aud?: string;
            /** @description The client it was issued for. */
            client_id?: string;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            exp?: number;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            iat?: number;
            /** @description `iss`. */
            iss?: string;
            /** @description Its name. */
            jti?: string;
            /** @description Its session. */
            sid?: string;
            /** @description The user. */
            sub?: string;
            /** @description `Bearer` for access tokens. */
            token_type?: string;
        };
        /**
         * LoginCallback
         * @description What Kakao sent back to the front end.
         * @example {
         *       "code": "4VqW…",
         *       "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
         *       "state": "q3r1…"
         *     }
         */
        LoginCallback: {
            /** @description The authorization code. */
            code: string;
            /** @description Of the `code_challenge` the login was begun with (RFC 7636); absent when a cookie carries the login. */
            code_verifier?: string | null;
            /** @description As it came back. */
            state: string;
        };
        /**
         * LoginUrl
         * @description Where to send the browser in the SPA flow.
         * @example {
         *       "expires_in": 600,
         *       "login_url": "https://kauth.kakao.com/oauth/authorize?client_id=…&response_type=code&state=…",
         *       "state": "q3r1…"
         *     }
         */
        LoginUrl: {
            /**
             * Format: uint64
             * @description Seconds until the login can no longer be finished.
             */
            expires_in: number;
            /** @description Kakao's authorize address; go there by `location.assign`. */
            login_url: string;
            /** @description Kakao sends it back; post it together with the code. */
            state: string;
        };
        /**
         * LogoutRequest
         * @description What to end.
         * @example {
         *       "scope": "this"
         *     }
         */
        LogoutRequest: {
            /** @description Instead of a bearer token or the cookie. */
            refresh_token?: string | null;
            /** @description Default `this`. */
            scope?: (components["schemas"]["LogoutScope"] & unknown) | null;
        };
        /**
         * @description Sessions a logout ends.
         * @enum {string}
         */
        LogoutScope: "this" | "others" | "all";
        /**
         * NativeLogin
         * @description What Kakao's SDK gave: an ID token with its nonce (better), or an access token.
         * @example {
         *       "access_token": null,
         *       "id_token": "eyJraWQiOiI5Zj…",
         *       "nonce": "f0xkQ2Zt…"
         *     }
         */
        NativeLogin: {
            /** @description Kakao's access token, instead of the two. */
            access_token?: string | null;
            /** @description Kakao's ID token. */
            id_token?: string | null;
            /** @description The nonce it was asked for with, as `POST /api/auth/kakao/nonce` gave it. */
            nonce?: string | null;
        };
        /**
         * NextAction
         * @description A step a front end may offer.
         * @example {
         *       "scope": [
         *         "account_email"
         *       ],
         *       "type": "consent",
         *       "url": "https://auth.example.com/api/auth/kakao/login?scope=account_email"
         *     }
         */
        NextAction: {
            /** @description Kakao's consent items it asks for. A single-page app gives them as `scope` to `login-url`. */
            scope: string[];
            /** @description What kind of step. */
            type: components["schemas"]["NextActionType"] & unknown;
            /** @description Open it by navigation: Kakao asks for these items alone and sends the person back signed in. Add `return_to`. */
            url: string;
        };
        /** @enum {string} */
        NextActionType: "consent";
        /**
         * Nonce
         * @description A nonce for one login.
         * @example {
         *       "expires_in": 600,
         *       "nonce": "f0xkQ2Zt…"
         *     }
         */
        Nonce: {
            /**
             * Format: uint64
             * @description Seconds until it is no longer accepted.
             */
            expires_in: number;
            /** @description Give it, or its SHA-256 as hex or base64url, to Kakao's SDK; send it back as it is together with the ID token. */
            nonce: string;
        };
        /**
         * OAuthError
         * @description RFC 6749 section 5.2.
         */
        OAuthError: {
            /** @description `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client`, `unsupported_grant_type`, … */
            error: string;
            /** @description For developers, printable ASCII. */
            error_description?: string;
        };
        /**
         * OAuthTokenQuestion
         * @description RFC 7009 section 2.1, RFC 7662 section 2.1.
         */
        OAuthTokenQuestion: {
            /** @description May be left out. */
            client_id?: string;
            /** @description Of a confidential client that does not use HTTP Basic. */
            client_secret?: string;
            /** @description The token. */
            token: string;
            /** @description `access_token` or `refresh_token`. */
            token_type_hint?: string;
        };
        /**
         * OAuthTokenRequest
         * @description RFC 6749 sections 4.1.3 and 6.
         */
        OAuthTokenRequest: {
            /** @description May be left out. */
            client_id?: string;
            /** @description Of a confidential client that does not use HTTP Basic. */
            client_secret?: string;
            /** @description For `authorization_code`. */
            code?: string;
            /** @description For `authorization_code`: of the challenge sent to the authorization endpoint. */
            code_verifier?: string;
            /** @description `authorization_code` or `refresh_token`. */
            grant_type: string;
            /** @description For `authorization_code`: as it was sent to the authorization endpoint. */
            redirect_uri?: string;
            /** @description For `refresh_token`. */
            refresh_token?: string;
            /** @description Ignored: sessions have no scopes. */
            scope?: string;
        };
        /**
         * OAuthTokenResponse
         * @description RFC 6749 section 5.1.
         */
        OAuthTokenResponse: {
            /** @description JWT. */
            access_token: string;
            /**
             * Format: uint64
             * @description Seconds.
             */
            expires_in: number;
            /** @description With a code, when `openid` was asked for. */
            id_token?: string;
            /** @description Replaces the one that was presented. */
            refresh_token: string;
            /** @description Beside `id_token`: the one scope that means something here. */
            scope?: string;
            /** @description Always `Bearer`. */
            token_type: string;
        };
        /**
         * PrivateProfile
         * @description Personal fields beyond the usual ones; each null when the person did not agree to it or the operator did not ask for it.
         * @example {
         *       "age_range": "20~29",
         *       "birthday": "11-30",
         *       "birthday_type": "solar",
         *       "birthyear": 2002,
         *       "gender": "female",
         *       "name": "김문지",
         *       "phone_number": "+821012345678"
         *     }
         */
        PrivateProfile: {
            /** @description `20~29`, as Kakao writes it. */
            age_range: string | null;
            /** @description `MM-DD`. */
            birthday: string | null;
            /** @description `solar` or `lunar`: the calendar of `birthday`. */
            birthday_type: string | null;
            /**
             * Format: uint16
             * @description Year.
             */
            birthyear: number | null;
            /** @description `female` or `male`. */
            gender: string | null;
            /** @description Legal name. */
            name: string | null;
            /** @description E.164, such as `+821012345678`. */
            phone_number: string | null;
        };
        /**
         * Problem
         * @description RFC 9457 problem details.
         */
        Problem: {
            /** @description `login`, `retry`, `fix_config` or `none`. */
            action: string;
            /** @description What is particular about this occurrence, English. */
            detail?: string;
            /**
             * @description Stable code.
             * @enum {string}
             */
            error: "KAKAO_LOGIN_CANCELLED" | "KAKAO_INTERACTION_REQUIRED" | "KAKAO_LOGIN_FAILED" | "KAKAO_CODE_USED" | "KAKAO_PERSON_REFUSED" | "KAKAO_UNDER_AGE" | "KAKAO_CONSENT_REQUIRED" | "KAKAO_MISCONFIGURED" | "KAKAO_UNAVAILABLE" | "KAKAO_TOKEN_INVALID" | "INVALID_NONCE" | "NATIVE_LOGIN_OFF" | "WEBHOOK_KEY_INVALID" | "LOGIN_STATE_INVALID" | "USE_NAVIGATION" | "INVALID_RETURN_URL" | "INVALID_REDIRECT_URI" | "UNKNOWN_CLIENT" | "INVALID_REQUEST" | "INVALID_NICKNAME" | "UNAUTHENTICATED" | "INVALID_TOKEN" | "TOKEN_EXPIRED" | "SESSION_REVOKED" | "SESSION_EXPIRED" | "INVALID_REFRESH_TOKEN" | "REFRESH_TOKEN_REUSED" | "CLIENT_NOT_ALLOWED" | "CSRF_REFUSED" | "SESSION_NOT_FOUND" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "RATE_LIMIT_EXCEEDED" | "REQUEST_TIMEOUT" | "STORAGE_UNAVAILABLE" | "INTERNAL_ERROR";
            /** @description What to do about it. */
            hint: string;
            /** @description Kakao's own code, e.g. `KOE320` or `-401`. */
            kakao_code?: string;
            /** @description May be shown to a visitor; Korean or English by `Accept-Language`. */
            message: string;
            /** @description With `KAKAO_CONSENT_REQUIRED`: where the person can agree to them. */
            next_action?: components["schemas"]["NextAction"] & unknown;
            /** @description Quote it when reporting the problem. */
            request_id: string;
            /** @description With `KAKAO_CONSENT_REQUIRED`: Kakao's consent items that are missing. */
            required_scopes?: string[];
            /**
             * Format: uint16
             * @description HTTP status.
             */
            status: number;
            /** @description The kind of problem, English, the same for every occurrence. */
            title: string;
            /** @description The page about `error`: `{PUBLIC_URL}/docs/errors/{error}`. */
            type: string;
        };
        /**
         * Profile
         * @description A user's profile.
         * @example {
         *       "created_at": "2026-11-21T03:50:00.123Z",
         *       "email": "minji@example.com",
         *       "email_verified": true,
         *       "id": "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55",
         *       "is_social_user": true,
         *       "needs_agreement": [],
         *       "next_action": null,
         *       "nickname": "김문지",
         *       "private_fields": null,
         *       "profile_image": "https://k.kakaocdn.net/dn/profile/img_640x640.jpg",
         *       "social_provider": "kakao",
         *       "updated_at": "2026-11-21T03:50:00.123Z",
         *       "username": "kakao_1376016924429759228"
         *     }
         */
        Profile: {
            /** @description RFC 3339, UTC. */
            created_at: string;
            /** @description Absent (null) when the person did not consent to it. */
            email: string | null;
            /** @description True only if Kakao says the address is valid and verified. */
            email_verified: boolean;
            /** @description Our id of the user, a UUIDv7. */
            id: string;
            /** @description Whether the user came through a provider. */
            is_social_user: boolean;
            /** @description Kakao's consent items that the app uses and the person has not agreed to, as of the last reading of the profile. */
            needs_agreement: string[];
            /** @description What may be offered to the person; null when there is nothing. */
            next_action: (components["schemas"]["NextAction"] & unknown) | null;
            /** @description The user's own choice, else Kakao's. */
            nickname: string | null;
            /** @description Fields of KAKAO_PROFILE_FIELDS the person agreed to. Only in answers of `/api/auth/profile`; null elsewhere and when off. */
            private_fields: (components["schemas"]["PrivateProfile"] & unknown) | null;
            /** @description https URL. */
            profile_image: string | null;
            /** @description `kakao`. */
            social_provider: string | null;
            /** @description RFC 3339, UTC. */
            updated_at: string;
            /** @description `kakao_<kakao id>`. */
            username: string;
        };
        /**
         * ProfileChange
         * @description What a user may change. Anything else is refused, not ignored.
         * @example {
         *       "nickname": "문지기"
         *     }
         */
        ProfileChange: {
            /** @description 1 to 30 visible characters. Later logins leave it alone. */
            nickname: string;
        };
        /**
         * Protected
         * @description The sample answer.
         * @example {
         *       "message": "안녕하세요, 김문지님!",
         *       "user_id": "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55"
         *     }
         */
        Protected: {
            /** @description A greeting. */
            message: string;
            /** @description Our id of the user. */
            user_id: string;
        };
        /**
         * RefreshRequest
         * @description The refresh token, unless the cookie carries it.
         * @example {
         *       "refresh_token": "eyJhbGciOiJIUzI1NiIs…"
         *     }
         */
        RefreshRequest: {
            /** @description The refresh token received last. */
            refresh_token?: string | null;
        };
        /**
         * SetError
         * @description RFC 8935 section 2.3.
         */
        SetError: {
            /** @description For developers. */
            description: string;
            /** @description `invalid_request`, `invalid_key`, `invalid_issuer`, `invalid_audience`, `authentication_failed` or `access_denied`. */
            err: string;
        };
        /**
         * SignedOut
         * @description Signed out here.
         */
        SignedOut: {
            /**
             * @description Kakao's own logout, which ends the login at Kakao too: go there by `location.assign` if your visitors share a computer.
             *     Kakao sends them back to KAKAO_LOGOUT_REDIRECT_URI; null when that is not set.
             */
            kakao_logout_url: string | null;
        };
        /**
         * TokenResponse
         * @description Tokens of a session (RFC 6749 section 5.1, and who it is).
         * @example {
         *       "access_token": "eyJhbGciOiJFUzI1NiIs…",
         *       "expires_in": 900,
         *       "is_new_user": false,
         *       "refresh_token": "eyJhbGciOiJIUzI1NiIs…",
         *       "token_type": "Bearer",
         *       "user": {
         *         "created_at": "2026-11-21T03:50:00.123Z",
         *         "email": "minji@example.com",
         *         "email_verified": true,
         *         "id": "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55",
         *         "is_social_user": true,
         *         "needs_agreement": [],
         *         "next_action": null,
         *         "nickname": "김문지",
         *         "private_fields": null,
         *         "profile_image": "https://k.kakaocdn.net/dn/profile/img_640x640.jpg",
         *         "social_provider": "kakao",
         *         "updated_at": "2026-11-21T03:50:00.123Z",
         *         "username": "kakao_1376016924429759228"
         *       }
         *     }
         */
        TokenResponse: {
            /** @description JWT for APIs, in `Authorization: Bearer`. */
            access_token: string;
            /**
             * Format: uint64
             * @description Seconds until the access token expires.
             */
            expires_in: number;
            /** @description Whether this login was the user's first. */
            is_new_user: boolean;
            /** @description JWT for `POST /api/auth/refresh`. Absent in cookie mode: it is in an HttpOnly cookie then. */
            refresh_token?: string;
            /** @description Always `Bearer`. */
            token_type: string;
            /** @description Who signed in. */
            user: components["schemas"]["Profile"] & unknown;
        };
        /**
         * UnlinkCall
         * @description Who took the app off their account.
         */
        UnlinkCall: {
            /** @description The app's number; must be KAKAO_APP_ID when that is set. */
            app_id?: string;
            /** @description Group apps only. */
            group_user_token?: string;
            /** @description How it came about: `ACCOUNT_DELETE`, `FORCED_ACCOUNT_DELETE`, `UNLINK_FROM_ADMIN`, `UNLINK_FROM_APPS`, `INCOMPLETE_SIGN_UP`. */
            referrer_type?: string;
            /** @description Kakao's number of the person. */
            user_id: string;
        };
        /**
         * UserInfo
         * @description OIDC Core section 5.1.
         */
        UserInfo: {
            /** @description When there is one. */
            email?: string;
            /** @description Beside `email`. */
            email_verified?: boolean;
            /** @description Display name. */
            name?: string;
            /** @description Display name. */
            nickname?: string;
            /** @description https URL. */
            picture?: string;
            /** @description `kakao_<kakao id>`. */
            preferred_username: string;
            /** @description Our id of the user. */
            sub: string;
            /**
             * Format: int64
             * @description Seconds since 1970.
             */
            updated_at: number;
        };
        /**
         * VerifyRequest
         * @description A token to check.
         * @example {
         *       "token": "eyJhbGciOiJFUzI1NiIs…"
         *     }
         */
        VerifyRequest: {
            /** @description An access token. */
            token: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    jwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. Has an `ETag` and may be cached for five minutes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description `If-None-Match` named the current one. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NOT_FOUND`: No such route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oauthMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. Has an `ETag` and may be cached for five minutes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description `If-None-Match` named the current one. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openidMetadata: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document. Has an `ETag` and may be cached for five minutes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description `If-None-Match` named the current one. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finishLoginByRedirect: {
        parameters: {
            query?: {
                /** @description From Kakao. */
                code?: string;
                /** @description From Kakao. */
                state?: string;
                /** @description From Kakao, when the login failed there. */
                error?: string;
                /** @description From Kakao; never shown or logged. */
                error_description?: string;
                /** @description RFC 9207. */
                iss?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser goes on to the address in `Location`. */
            303: {
                headers: {
                    /** @description Where to */
                    Location: string;
                    /** @description The sealed login, or the refresh token */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `LOGIN_STATE_INVALID`: The callback does not belong to a login begun in this browser. `KAKAO_LOGIN_CANCELLED`: The person did not consent at Kakao. `KAKAO_INTERACTION_REQUIRED`: Kakao has to ask the person something first; prompt=none forbids that. `KAKAO_CODE_USED`: The authorization code was used before, has expired or is unknown (KOE320). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_PERSON_REFUSED`: Kakao does not let this person use the service. `KAKAO_UNDER_AGE`: Kakao does not let people under 14 use the service. `KAKAO_CONSENT_REQUIRED`: The person has to agree to an item at Kakao first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_LOGIN_FAILED`: Kakao answered, but not so that anybody may be signed in. `KAKAO_MISCONFIGURED`: Kakao refused the gateway's own credentials or settings. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_UNAVAILABLE`: Kakao is not reachable, too slow or overloaded. `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    finishLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginCallback"];
            };
        };
        responses: {
            /** @description Signed in. The cookie carries the refresh token in cookie mode. */
            200: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["TokenResponse"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `LOGIN_STATE_INVALID`: The callback does not belong to a login begun in this browser. `KAKAO_LOGIN_CANCELLED`: The person did not consent at Kakao. `KAKAO_INTERACTION_REQUIRED`: Kakao has to ask the person something first; prompt=none forbids that. `KAKAO_CODE_USED`: The authorization code was used before, has expired or is unknown (KOE320). */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_PERSON_REFUSED`: Kakao does not let this person use the service. `KAKAO_UNDER_AGE`: Kakao does not let people under 14 use the service. `KAKAO_CONSENT_REQUIRED`: The person has to agree to an item at Kakao first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_LOGIN_FAILED`: Kakao answered, but not so that anybody may be signed in. `KAKAO_MISCONFIGURED`: Kakao refused the gateway's own credentials or settings. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_UNAVAILABLE`: Kakao is not reachable, too slow or overloaded. `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    beginLogin: {
        parameters: {
            query?: {
                /** @description A path, or a URL on an origin of LOGIN_RETURN_URLS. */
                return_to?: string;
                /** @description `login`, `none`, `create`, `select_account`, comma-separated. */
                prompt?: string;
                /** @description Further consent items, comma-separated. */
                scope?: string;
                /** @description Fills the id box of Kakao's page. */
                login_hint?: string;
                /** @description Kakao Sync: tags of service terms, comma-separated. */
                service_terms?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser goes on to the address in `Location`. */
            303: {
                headers: {
                    /** @description Where to */
                    Location: string;
                    /** @description The sealed login, or the refresh token */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_RETURN_URL`: return_to is neither a path nor on an allowed origin. `INVALID_REDIRECT_URI`: redirect_uri is not one of the configured ones. `USE_NAVIGATION`: This address was opened with fetch; it is made for navigation. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getLoginUrl: {
        parameters: {
            query?: {
                /** @description Where Kakao sends the code: one of KAKAO_EXTRA_REDIRECT_URIS. Default: the gateway's own callback. */
                redirect_uri?: string;
                /** @description S256 challenge of a `code_verifier` the front end keeps (RFC 7636). */
                code_challenge?: string;
                /** @description Only `S256`. */
                code_challenge_method?: string;
                /** @description `login`, `none`, `create`, `select_account`, comma-separated. */
                prompt?: string;
                /** @description Further consent items, comma-separated. */
                scope?: string;
                /** @description Fills the id box of Kakao's page. */
                login_hint?: string;
                /** @description Kakao Sync: tags of service terms, comma-separated. */
                service_terms?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Where to send the browser. The cookie carries the login unless a `code_challenge` was given. */
            200: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["LoginUrl"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_RETURN_URL`: return_to is neither a path nor on an allowed origin. `INVALID_REDIRECT_URI`: redirect_uri is not one of the configured ones. `USE_NAVIGATION`: This address was opened with fetch; it is made for navigation. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getNonce: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Nonce"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signInWithToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NativeLogin"];
            };
        };
        responses: {
            /** @description Signed in. The cookie carries the refresh token in cookie mode. */
            200: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["TokenResponse"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_TOKEN_INVALID`: The Kakao token an app brought is not valid, has expired, or was made for another app. `INVALID_NONCE`: The nonce is not one of ours, is older than ten minutes, or was used before. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `NATIVE_LOGIN_OFF`: Native apps are not set up for this kind of token. `KAKAO_PERSON_REFUSED`: Kakao does not let this person use the service. `KAKAO_UNDER_AGE`: Kakao does not let people under 14 use the service. `KAKAO_CONSENT_REQUIRED`: The person has to agree to an item at Kakao first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_LOGIN_FAILED`: Kakao answered, but not so that anybody may be signed in. `KAKAO_MISCONFIGURED`: Kakao refused the gateway's own credentials or settings. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `KAKAO_UNAVAILABLE`: Kakao is not reachable, too slow or overloaded. `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["LogoutRequest"];
            };
        };
        responses: {
            /** @description Signed out, or was not signed in. */
            200: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["SignedOut"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CSRF_REFUSED`: A cookie credential came without proof that our own page sent it. `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Profile"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_NICKNAME`: A nickname has 1 to 30 visible characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    leave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Gone. */
            204: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_NICKNAME`: A nickname has 1 to 30 visible characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Profile"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_NICKNAME`: A nickname has 1 to 30 visible characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description New tokens. The cookie carries the refresh token when a cookie brought it. */
            200: {
                headers: {
                    "SET-COOKIE"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["TokenResponse"];
                };
            };
            /** @description Called with neither a token nor a cookie: nobody is signed in. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_REFRESH_TOKEN`: The refresh token is not one of ours, or is long forgotten. `REFRESH_TOKEN_REUSED`: A refresh token that had been replaced was presented; its session was ended. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `SESSION_EXPIRED`: The session reached its idle or absolute limit. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CSRF_REFUSED`: A cookie credential came without proof that our own page sent it. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["DeviceSession"][];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `SESSION_NOT_FOUND`: No such session of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description From the list. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `SESSION_NOT_FOUND`: No such session of this user. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Empty"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Health"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    protected: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Protected"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `INVALID_NICKNAME`: A nickname has 1 to 30 visible characters. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `UNAUTHENTICATED`: No access token was sent. `INVALID_TOKEN`: The access token is not valid here. `TOKEN_EXPIRED`: The access token has expired. `SESSION_REVOKED`: The session was ended: signed out, or ended from another device. `SESSION_EXPIRED`: The session reached its idle or absolute limit. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `CLIENT_NOT_ALLOWED`: The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accountStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A compact JWS (RFC 8417). */
        requestBody: {
            content: {
                "application/secevent+jwt": string;
            };
        };
        responses: {
            /** @description Taken. The same delivery again has no second effect. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; sending the same again will not help. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetError"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetError"];
                };
            };
            /** @description Not stored, or the keys cannot be read; the same may be sent again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetError"];
                };
            };
        };
    };
    unlinkedByQuery: {
        parameters: {
            query: {
                /** @description The app's number. */
                app_id?: string;
                /** @description Kakao's number of the person. */
                user_id: string;
                /** @description How it came about. */
                referrer_type?: string;
                /** @description Group apps only. */
                group_user_token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken: stored, and the person's sessions have ended. The same for people we do not know. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `WEBHOOK_KEY_INVALID`: The webhook call does not show the admin key. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unlinked: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The fields may also stand in the query. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["UnlinkCall"];
                "application/x-www-form-urlencoded": components["schemas"]["UnlinkCall"];
            };
        };
        responses: {
            /** @description Taken: stored, and the person's sessions have ended. The same for people we do not know. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `WEBHOOK_KEY_INVALID`: The webhook call does not show the admin key. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Health"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oauthAuthorize: {
        parameters: {
            query: {
                /** @description Of OAUTH_CLIENTS. */
                client_id: string;
                /** @description One of the client's, to the letter. */
                redirect_uri?: string;
                /** @description `code`. */
                response_type?: string;
                /** @description S256. */
                code_challenge?: string;
                /** @description `S256`. */
                code_challenge_method?: string;
                /** @description Comes back as it is. */
                state?: string;
                /** @description `openid` for an ID token; others are ignored. */
                scope?: string;
                /** @description For the ID token. */
                nonce?: string;
                /** @description `login`, `none`, `select_account`, `create`; `consent` is Kakao's to ask. */
                prompt?: string;
                /** @description Seconds; Kakao is made to ask again (`prompt=login`), unless another prompt is given. `auth_time` tells. */
                max_age?: number;
                /** @description Fills the id box of Kakao's page. */
                login_hint?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser goes on to the address in `Location`. */
            303: {
                headers: {
                    /** @description Where to */
                    Location: string;
                    /** @description The sealed login, or the refresh token */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. `UNKNOWN_CLIENT`: client_id is not one of OAUTH_CLIENTS. `INVALID_REDIRECT_URI`: redirect_uri is not one of the configured ones. `USE_NAVIGATION`: This address was opened with fetch; it is made for navigation. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `RATE_LIMIT_EXCEEDED`: Too many login requests from this address. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `REQUEST_TIMEOUT`: The request took longer than the gateway allows. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oauthIntrospect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["OAuthTokenQuestion"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Introspection"];
                };
            };
            /** @description RFC 6749 section 5.2. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description The client or the token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `temporarily_unavailable`; the same request may be sent again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
        };
    };
    oauthRevoke: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["OAuthTokenQuestion"];
            };
        };
        responses: {
            /** @description Revoked, or was not valid anyway. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 6749 section 5.2. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description The client or the token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `temporarily_unavailable`; the same request may be sent again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
        };
    };
    oauthToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["OAuthTokenRequest"];
            };
        };
        responses: {
            /** @description New tokens. */
            200: {
                headers: {
                    PRAGMA: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["OAuthTokenResponse"];
                };
            };
            /** @description RFC 6749 section 5.2. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description The client or the token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The request body has another content type than documented. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `temporarily_unavailable`; the same request may be sent again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
        };
    };
    oauthUserinfo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["UserInfo"];
                };
            };
            /** @description RFC 6749 section 5.2. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description The client or the token is not valid. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `server_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
            /** @description `temporarily_unavailable`; the same request may be sent again. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthError"];
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json; charset=utf-8": components["schemas"]["Health"];
                };
            };
            /** @description `INVALID_REQUEST`: A parameter or the body is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `PAYLOAD_TOO_LARGE`: The request body is over 16 KiB. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `INTERNAL_ERROR`: A fault of the gateway. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `STORAGE_UNAVAILABLE`: The database is busy or not reachable. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
