"""Pages of a list."""

from rest_framework.pagination import PageNumberPagination

from spaser.api.problems import Problem, fault


class Pages(PageNumberPagination):
    """`page` and `page_size`; a size that is none is refused rather than replaced by another."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    page_query_description = "Le numéro de la page, à partir de 1."
    page_size_query_description = "Le nombre d’éléments par page, de 1 à 1000 ; 100 sans cela."

    def get_page_size(self, request):
        typed = request.query_params.get(self.page_size_query_param)
        if typed is None:
            return self.page_size
        if not (
            typed.isascii() and typed.isdigit() and len(typed) < 5 and 0 < int(typed) <= self.max_page_size
        ):
            raise Problem(400, errors=[fault("Un nombre de 1 à 1000.", parameter=self.page_size_query_param)])
        return int(typed)

    def get_schema_operation_parameters(self, view):
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            parameter["schema"]["minimum"] = 1
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"maximum": self.max_page_size, "default": self.page_size}
        return parameters
