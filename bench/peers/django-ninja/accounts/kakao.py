"""Kakao's two calls. One client a process, so that connections are kept."""

from urllib.parse import urlencode

import httpx
from django.conf import settings

client = httpx.Client(base_url=settings.KAKAO_BASE_URL, timeout=10)


def login_url() -> str:
    query = {
        "client_id": settings.KAKAO_CLIENT_ID,
        "redirect_uri": settings.KAKAO_REDIRECT_URI,
        "response_type": "code",
        "scope": "profile_nickname,profile_image,account_email",
    }
    return f"{settings.KAKAO_BASE_URL}/oauth/authorize?{urlencode(query)}"


def access_token(code: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "client_id": settings.KAKAO_CLIENT_ID,
        "client_secret": settings.KAKAO_CLIENT_SECRET,
        "redirect_uri": settings.KAKAO_REDIRECT_URI,
        "code": code,
    }
    answer = client.post("/oauth/token", data=form)
    answer.raise_for_status()
    return answer.json()["access_token"]


def profile(token: str) -> dict:
    answer = client.get("/v2/user/me", headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    return answer.json()
