"""Sphinx configuration; `make docs` builds with warnings as errors."""

import optikit

project = "optikit"
author = "The optikit developers"
copyright = "the optikit developers"
version = release = optikit.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
exclude_patterns = ["_build", "jupyter_execute"]
templates_path = ["_templates"]

# API pages: one a public name, from its docstring.
default_role = "py:obj"
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_use_plots = False

# Pages with code cells are run while the docs are built; one that fails fails the build.
nb_execution_mode = "auto"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_render_markdown_format = "myst"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = "optikit"
html_static_path = ["_static"]
html_css_files = ["optikit.css"]
html_sidebars = {
    "index": [],
    "quickstart": [],
    "benchmarks": [],
    "cli": [],
    "vrp": [],
    "tsp": [],
    "results": [],
    "stops": [],
    "numbers": [],
    "datasets": [],
    "evidence": [],
}
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 4,
    "footer_start": ["copyright"],
    "footer_end": [],
}
