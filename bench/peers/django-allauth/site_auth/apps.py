"""Kakao's addresses are attributes of allauth's adapter: here they are those of the mock."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings


class SiteAuth(AppConfig):
    name = "site_auth"

    def ready(self):
        from allauth.socialaccount.providers.kakao.views import KakaoOAuth2Adapter

        for name in ("access_token_url", "authorize_url", "profile_url"):
            path = urlsplit(getattr(KakaoOAuth2Adapter, name)).path
            setattr(KakaoOAuth2Adapter, name, settings.BENCH_KAKAO + path)
