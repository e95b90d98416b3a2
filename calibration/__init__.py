"""What the data of 2005–2010 say: observations, likelihood, sampler, posterior. Its data and code come with the fit."""

from .centre import law
from .drawn_members import DrawnMembers, given_members, posterior_members, prior_members
from .pages import MADE_FROM, made_from, pages
from .telling import Telling

__all__ = [
    "MADE_FROM",
    "DrawnMembers",
    "Telling",
    "given_members",
    "law",
    "made_from",
    "pages",
    "posterior_members",
    "prior_members",
]
