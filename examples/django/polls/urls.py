from django.urls import path

from . import views

app_name = "polls"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.question, name="question"),
    path("totals.json", views.totals, name="totals"),
    path("votes.csv", views.votes, name="votes"),
]
