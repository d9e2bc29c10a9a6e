import asyncio

from django.db.models import F, Sum
from django.http import HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from .models import Choice, Question


def index(request):
    return render(request, "polls/index.html", {"questions": Question.objects.all()[:20]})


def question(request, pk):
    """Shows a question; a POST votes for one of its choices."""
    asked = get_object_or_404(Question, pk=pk)
    problem = None
    if request.method == "POST":
        chosen = asked.choices.filter(pk=request.POST.get("choice") or 0)
        if chosen.update(votes=F("votes") + 1):
            return HttpResponseRedirect(reverse("polls:question", args=[pk]))
        problem = "Choose one of the answers."
    return render(request, "polls/question.html", {"question": asked, "problem": problem})


async def totals(request):
    """A coroutine: under WSGI Django runs it with asgiref's async_to_sync."""
    await asyncio.sleep(0)
    result = await Choice.objects.aaggregate(votes=Sum("votes"))
    return JsonResponse({"questions": await Question.objects.acount(), "votes": result["votes"] or 0})


def votes(request):
    """Streams every choice as a line of comma-separated values."""

    def lines():
        yield "question,choice,votes\r\n"
        for choice in Choice.objects.select_related("question").iterator(chunk_size=500):
            yield "%d,%d,%d\r\n" % (choice.question_id, choice.pk, choice.votes)

    return StreamingHttpResponse(lines(), content_type="text/csv")
