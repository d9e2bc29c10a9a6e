import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import JsonResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of the test bench",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
django.setup()


def sqlite(request):
    with connection.cursor() as cursor:
        cursor.execute("select sqlite_version(), ?", [request.GET.get("text", "")])
        version, text = cursor.fetchone()
    return JsonResponse({"version": version, "text": text})


urlpatterns = [path("sqlite", sqlite)]
application = get_wsgi_application()
