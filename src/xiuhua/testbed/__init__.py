"""A synthetic district with people, devices and planted troubles whose truth is known."""
