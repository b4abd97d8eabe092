from django.http import JsonResponse
from django.urls import include, path


def health(_request):
    return JsonResponse({"status": "healthy"})


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/health", health),
]
