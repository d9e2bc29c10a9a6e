"""A Django view in a single file, behind the middleware that a new project has (sessions and users apart)."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY="a benchmark has no secret",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)


def user(request, number):
    return JsonResponse(
        {
            "id": number,
            "name": "Ada Lovelace",
            "tags": ["analyst", "metaphysician"],
            "page": int(request.GET.get("page", "1")),
        }
    )


urlpatterns = [path("users/<int:number>", user)]

application = get_wsgi_application()
