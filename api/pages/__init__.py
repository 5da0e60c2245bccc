"""The pages for people: a third way into the same core functions, with no rule, SQL or permission of its own."""
