from orders.models import Customer


class TimingMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)  # passing on


class AuditMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.GET.get("audit"):
            Customer.objects.count()  # middleware's own query
        return self.get_response(request)
