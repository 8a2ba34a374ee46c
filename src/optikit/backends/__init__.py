"""Who runs formulations. A backend knows no problem: it takes a model and a `Run`, and gives an `Answer`."""
