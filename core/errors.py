"""The one error type whose message is meant for the person at the screen."""


class LearnscopeError(Exception):
    """Something that a person can put right.

    The message is one or two plain sentences: what was expected, what was received, and what to
    do. Pages show it as it stands. Every other exception is a fault of ours: it goes to the log
    whole, and to the page only as a short sentence with an id.
    """
