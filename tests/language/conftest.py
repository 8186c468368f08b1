import pytest
from design_examples import EXAMPLES


@pytest.fixture(params=EXAMPLES, ids=lambda example: example[2])
def example(request):
    return request.param
