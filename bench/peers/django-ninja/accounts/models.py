"""The user and the refresh token row of the described service."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    kakao_id = models.CharField(max_length=50, unique=True, null=True, blank=True)
    profile_image = models.URLField(null=True, blank=True)
    nickname = models.CharField(max_length=50, null=True, blank=True)
    phone_number = models.CharField(max_length=20, null=True, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=10, null=True, blank=True)
    is_social_user = models.BooleanField(default=False)
    social_provider = models.CharField(max_length=20, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)


class RefreshToken(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    token = models.TextField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)
