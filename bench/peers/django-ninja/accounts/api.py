"""The described routes."""

import httpx
from django.db import transaction
from ninja import NinjaAPI, Schema
from ninja.security import HttpBearer

from . import kakao, tokens
from .models import RefreshToken, User

api = NinjaAPI(docs_url=None, openapi_url=None)


class Bearer(HttpBearer):
    def authenticate(self, request, token):
        user_id = tokens.user_id(token, "access")
        return user_id and User.objects.filter(id=user_id).first()


class Code(Schema):
    code: str


class Presented(Schema):
    refresh_token: str


class Tokens(Schema):
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Refused(Schema):
    error: str
    message: str


class Profile(Schema):
    id: int
    username: str
    email: str | None
    nickname: str | None
    profile_image: str | None
    is_social_user: bool
    social_provider: str | None
    created_at: str

    @staticmethod
    def resolve_created_at(user):
        return user.created_at.isoformat()


@api.get("/auth/kakao/login-url")
def login_url(request):
    return {"login_url": kakao.login_url()}


@api.post("/auth/kakao/callback", response={200: Tokens, 400: Refused})
def callback(request, body: Code):
    try:
        told = kakao.profile(kakao.access_token(body.code))
    except (httpx.HTTPError, KeyError):
        return 400, {"error": "KAKAO_LOGIN_FAILED", "message": "카카오 로그인에 실패했습니다."}
    with transaction.atomic():
        return 200, tokens.issue(upsert(told))


def upsert(told: dict) -> User:
    account = told.get("kakao_account", {})
    profile = account.get("profile", {})
    sent = {
        "email": account.get("email"),
        "nickname": profile.get("nickname"),
        "profile_image": profile.get("profile_image_url"),
    }
    sent = {name: value for name, value in sent.items() if value}
    user, is_new = User.objects.get_or_create(
        kakao_id=str(told["id"]),
        defaults={"username": f"kakao_{told['id']}", "is_social_user": True, "social_provider": "kakao", **sent},
    )
    if not is_new and sent:
        for name, value in sent.items():
            setattr(user, name, value)
        user.save()
    return user


@api.post("/auth/refresh", response={200: Tokens, 400: Refused})
def refresh(request, body: Presented):
    with transaction.atomic():
        user = tokens.user_of_refresh_token(body.refresh_token)
        if user is None:
            return 400, {"error": "INVALID_REFRESH_TOKEN", "message": "유효하지 않은 리프레시 토큰입니다."}
        return 200, tokens.issue(user)


@api.get("/auth/profile", auth=Bearer(), response=Profile)
def profile(request):
    return request.auth


@api.post("/auth/logout", auth=Bearer())
def logout(request):
    RefreshToken.objects.filter(user=request.auth, is_active=True).update(is_active=False)
    return {"message": "로그아웃되었습니다."}


@api.get("/health")
def health(request):
    return {"status": "healthy"}


@api.get("/protected", auth=Bearer())
def protected(request):
    return {"message": f"안녕하세요, {request.auth.nickname}님!", "user_id": request.auth.id}
