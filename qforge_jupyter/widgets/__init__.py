"""Views in a notebook: traits in, messages out; the only place that knows anywidget.

The browser's side of each is in ``labextension/src/widgets``, under the same name. It is built
into ``static``, which the repository does not keep.
"""
