"""`python -m api`."""

# Guarded: the processes that evaluate rules import this module again when they start.
if __name__ == "__main__":
    from api.main import run

    run()
