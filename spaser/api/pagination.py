"""Pages of a list."""

from math import inf

from rest_framework.pagination import PageNumberPagination

from spaser.api.problems import fault

LONGEST = 1000  # digits of a number of a page


class Pages(PageNumberPagination):
    """`page` and `page_size`; a size that is none is refused rather than replaced by another."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    page_query_description = "Le numéro de la page, à partir de 1."
    page_size_query_description = "Le nombre d’éléments par page, de 1 à 1000 ; 100 sans cela."

    last_page_strings = ()  # « last » is no number

    def faults(self, query):
        """What is wrong with the page that a query asks for, whatever becomes of it: a table is given whole."""
        for name, most in ((self.page_query_param, inf), (self.page_size_query_param, self.max_page_size)):
            typed = query.get(name) or "1"  # an empty one is told already
            whole = typed.isascii() and typed.isdigit() and len(typed) <= LONGEST
            if not (whole and 1 <= int(typed) <= most):
                bounds = f"de 1 à {most}" if most < inf else "à partir de 1"
                yield fault(f"Un nombre entier, {bounds}.", parameter=name)

    def get_page_size(self, request):
        return int(request.query_params.get(self.page_size_query_param, self.page_size))

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"maximum": self.max_page_size, "default": self.page_size}
        return parameters
