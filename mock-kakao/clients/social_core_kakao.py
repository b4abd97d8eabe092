"""social-auth-core's Kakao backend against the mock.

The environment, which `check` sets, names the mock and the app registered there.
"""

import faulthandler
import os
import sys
import traceback
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import requests
from social_core.backends.kakao import KakaoOAuth2
from social_core.exceptions import AuthCanceled, AuthConfigurationError, AuthCredentialError, SocialAuthBaseException
from social_core.strategy import BaseStrategy

KAKAO = os.environ["KAKAO"]
REDIRECT_URI = os.environ["REDIRECT_URI"]


class Kakao(KakaoOAuth2):
    """The backend, with what no setting can change."""

    def request(self, url, **kwargs):
        # The other two URLs are settings; that of user/me is written into a method.
        return super().request(url.replace("https://kapi.kakao.com/", f"{KAKAO}/"), **kwargs)


class Nonces:
    """Where the library remembers the states it gave out."""

    open = set()

    @classmethod
    def use(cls, scope, timestamp, salt):
        cls.open.add((scope, timestamp, salt))
        return True

    @classmethod
    def consume(cls, scope, timestamp, salt):
        known = (scope, timestamp, salt) in cls.open
        cls.open.discard((scope, timestamp, salt))
        return known


class Application(BaseStrategy):
    """What an application is to the library: settings, one session and the current request."""

    def __init__(self, **settings):
        super().__init__(SimpleNamespace(nonce=Nonces))
        self.session = {}
        self.query = {}
        self.settings = {
            "SOCIAL_AUTH_KAKAO_KEY": os.environ["CLIENT_ID"],
            "SOCIAL_AUTH_KAKAO_SECRET": os.environ["CLIENT_SECRET"],
            "SOCIAL_AUTH_KAKAO_AUTHORIZATION_URL": f"{KAKAO}/oauth/authorize",
            "SOCIAL_AUTH_KAKAO_ACCESS_TOKEN_URL": f"{KAKAO}/oauth/token",
            "SOCIAL_AUTH_PIPELINE": [
                "social_core.pipeline.social_auth.social_details",
                "social_core.pipeline.social_auth.social_uid",
                "__main__.keep",
            ],
            **settings,
        }
        self.backend = Kakao(self, REDIRECT_URI)

    def get_setting(self, name):
        return self.settings[name]

    def get_request_data(self, merge=True):
        return self.query

    def build_absolute_uri(self, path=None):
        return path

    def redirect(self, url):
        return url

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def session_pop(self, name):
        return self.session.pop(name, None)

    def begin(self):
        """The URL a browser is sent to."""
        return self.backend.start()

    def finish(self, query):
        """The person the library signs in when the browser comes back."""
        self.query = self.backend.data = query
        return self.backend.complete()

    def sign_in(self, person):
        return self.finish(agree(self.begin(), person))


def keep(uid, details, response, *args, **kwargs):
    """The end of the pipeline: what the library hands to an application."""
    return {"user": SimpleNamespace(uid=uid, details=details, response=response)}


def come_back(answer):
    """The query with which a browser is sent back to the application."""
    location = answer.headers.get("Location", "")
    assert answer.status_code == 302, f"authorize answered {answer.status_code}"
    assert location.startswith(f"{REDIRECT_URI}?"), f"sent to {location}"
    return dict(parse_qsl(urlsplit(location).query, strict_parsing=True))


def agree(authorize_url, person):
    return come_back(requests.get(f"{authorize_url}&mock_user={person}", allow_redirects=False, timeout=10))


def cancel(authorize_url):
    """Presses cancel on the consent page."""
    equal(requests.get(authorize_url, timeout=10).status_code, 200)
    form = {"query": urlsplit(authorize_url).query, "decision": "deny"}
    return come_back(requests.post(f"{KAKAO}/__mock/consent", data=form, allow_redirects=False, timeout=10))


def equal(found, wanted):
    assert found == wanted, f"{found!r}, not {wanted!r}"


def refused(kind, call):
    """The library's exception of exactly this kind, which the call has to raise."""
    try:
        result = call()
    except Exception as error:
        assert type(error) is kind, f"{type(error).__name__} ({error}), not {kind.__name__}"
        return error
    raise AssertionError(f"{result!r}, not {kind.__name__}")


def token_refused(kind, call, koe):
    """The same from the token endpoint, with Kakao's code in the answer it was made of."""
    error = refused(kind, call)
    equal(error.stage, "token_exchange")
    equal(error.__cause__.response.json()["error_code"], koe)
    return error


def full():
    """full: id, names and e-mail"""
    person = Application().sign_in("full")
    equal(person.uid, "4000000001")
    names = {"username": "김문지", "fullname": "김문지", "first_name": "문지", "last_name": "김"}
    equal(person.details, {**names, "email": "munji@example.com"})
    equal(person.response["token_type"], "bearer")


def nickname_only():
    """nickname-only: nickname, no e-mail"""
    person = Application().sign_in("nickname-only")
    equal(person.uid, "4000000002")
    equal((person.details["username"], person.details["email"]), ("이닉네임", ""))


def bare():
    """bare: signed in without kakao_account and properties"""
    person = Application().sign_in("bare")
    equal(person.uid, "4000000003")
    equal((person.details["username"], person.details["email"]), ("", ""))
    assert not {"kakao_account", "properties"} & person.response.keys(), f"{sorted(person.response)}"


def big_id():
    """big-id: 19 digits, exact as the integer and as the uid"""
    person = Application().sign_in("big-id")
    equal(person.response["id"], 1376016924429759228)
    equal(person.uid, "1376016924429759228")


def scope():
    """scope with spaces asks for the e-mail"""
    equal(Application().sign_in("email-needs-agreement").details["email"], "")
    asking = Application(SOCIAL_AUTH_KAKAO_SCOPE=["profile_nickname", "account_email"])
    person = asking.sign_in("email-needs-agreement")
    equal(person.details["email"], "later@example.com")
    assert "account_email" in person.response["scope"].split(" "), f"granted: {person.response['scope']}"


def refresh():
    """a refresh gives a new access token and no new refresh token"""
    application = Application()
    tokens = application.sign_in("full").response
    renewed = application.backend.refresh_token(tokens["refresh_token"])
    assert renewed["access_token"] != tokens["access_token"], "the same access token"
    assert "refresh_token" not in renewed, "a new refresh token, though the old one is young"
    profile = application.backend.user_data(renewed["access_token"])
    equal(profile["id"], 4000000001)


def cancelled():
    """cancel on the consent page is AuthCanceled"""
    application = Application()
    error = refused(AuthCanceled, lambda: application.finish(cancel(application.begin())))
    equal((error.provider_code, error.detail), ("access_denied", "User denied access"))


def under_14():
    """under-14 is AuthCanceled"""
    error = refused(AuthCanceled, lambda: Application().sign_in("under-14"))
    equal(error.detail, "Not allowed under age 14")


def used_code():
    """a used code is AuthCredentialError, KOE320"""
    application = Application()
    code = agree(application.begin(), "full")["code"]

    # The library takes a state once as well, so each use of the code gets a state of its own.
    def use():
        begun = dict(parse_qsl(urlsplit(application.begin()).query))
        return application.finish({"code": code, "state": begun["state"]})

    equal(use().uid, "4000000001")
    error = token_refused(AuthCredentialError, use, "KOE320")
    equal((error.code, error.provider_code), ("authorization_code_rejected", "invalid_grant"))


def wrong_secret():
    """a wrong client secret is AuthConfigurationError, KOE010"""
    application = Application(SOCIAL_AUTH_KAKAO_SECRET="wrong")
    error = token_refused(AuthConfigurationError, lambda: application.sign_in("full"), "KOE010")
    equal((error.provider_code, error.status_code), ("invalid_client", 401))


CHECKS = [full, nickname_only, bare, big_id, scope, refresh, cancelled, under_14, used_code, wrong_secret]


def fail(check, reason):
    sys.exit(f"social-auth-core: FAILED: {check.__doc__}\n{reason}")


def main():
    faulthandler.dump_traceback_later(30, exit=True)
    for check in CHECKS:
        try:
            check()
        except AssertionError as error:
            fail(check, error)
        except SocialAuthBaseException as error:
            fail(check, f"{type(error).__name__} at {error.stage}: {error} {error.provider_code} {error.detail}")
        except Exception:
            fail(check, traceback.format_exc())
        print(f"social-auth-core: ok: {check.__doc__}", flush=True)
    print(f"social-auth-core: {len(CHECKS)} passed, 0 failed")


main()
