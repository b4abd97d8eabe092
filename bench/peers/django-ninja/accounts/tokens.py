"""The service's own tokens: HS256, and a row for each refresh token."""

import uuid
from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings

from .models import RefreshToken, User


def issue(user: User) -> dict:
    now = datetime.now(UTC)
    access_for = timedelta(minutes=settings.JWT_ACCESS_TOKEN_EXPIRE_MINUTES)
    refresh_until = now + timedelta(days=settings.JWT_REFRESH_TOKEN_EXPIRE_DAYS)
    access = {
        "user_id": user.id,
        "username": user.username,
        "email": user.email,
        "type": "access",
        "iat": now,
        "exp": now + access_for,
    }
    # With a jti, or two tokens of one second would be one.
    refresh = {"user_id": user.id, "type": "refresh", "iat": now, "exp": refresh_until, "jti": uuid.uuid4().hex}
    token = encode(refresh)
    RefreshToken.objects.create(user=user, token=token, expires_at=refresh_until)
    return {
        "access_token": encode(access),
        "refresh_token": token,
        "token_type": "Bearer",
        "expires_in": int(access_for.total_seconds()),
    }


def encode(claims: dict) -> str:
    return jwt.encode(claims, settings.JWT_SECRET_KEY, algorithm=settings.JWT_ALGORITHM)


def user_id(token: str, kind: str) -> int | None:
    try:
        claims = jwt.decode(token, settings.JWT_SECRET_KEY, algorithms=[settings.JWT_ALGORITHM])
    except jwt.PyJWTError:
        return None
    return claims["user_id"] if claims.get("type") == kind else None


def user_of_refresh_token(token: str) -> User | None:
    if user_id(token, "refresh") is None:
        return None
    now = datetime.now(UTC)
    row = RefreshToken.objects.select_related("user").filter(token=token, is_active=True, expires_at__gt=now).first()
    return row and row.user
