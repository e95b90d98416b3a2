"""How an XMILE equation is read: the grammar that PySD's parser is given, and the text made ready for it."""

from __future__ import annotations

import re

from .vensim_elements import with_plain_bases

_TOKEN = re.compile(r'"[^"]*"|\w+|[^\w"]|"')
_COMMENT = re.compile(r"\{[^{}]*\}")
# PySD's own grammar with the ranks of XMILE 1.0 (section 3.3.1): NOT is unary like -, MOD stands beside * and /; and
# with the commas between arguments that PySD lets fall. The names of the rules are those of PySD's visitor.
GRAMMAR = r"""
expr_type = array / final_expr
final_expr = conditional_statement / logic2_expr
logic2_expr = comp_expr (_ logic_oper _ comp_expr)*
comp_expr = add_expr (_ comp_oper _ add_expr)?
add_expr = prod_expr (_ add_oper _ prod_expr)*
prod_expr = unary_expr (_ prod_oper _ unary_expr)*
unary_expr = not_expr / exp_expr
not_expr = not_oper _ unary_expr
exp_expr = neg_expr (_ exp_oper _ neg_expr)*
neg_expr = pre_oper? _ expr
expr = call / parens / number / reference
arguments = (final_expr _ ("," _ !")" / &")"))*
parens = "(" _ final_expr _ ")"
call = reference _ "(" _ arguments _ ")"
conditional_statement = "IF" !word _ logic2_expr _ "THEN" !word _ logic2_expr _ "ELSE" !word _ logic2_expr
reference = (name _ subscript_list) / name
subscript_list = "[" _ subscripts _ "]"
subscripts = subscript (_ "," _ subscript)*
subscript = name _ "!"?
array = (raw_number _ ("," / ";")? _)+ !~r"."
logic_oper = ~r"(and|or)(?!\w)"i
not_oper = ~r"not(?!\w)"i
comp_oper = "=" / "<>" / "<=" / "<" / ">=" / ">"
add_oper = "+" / "-"
prod_oper = "*" / "/" / ~r"mod(?!\w)"i
exp_oper = "^"
pre_oper = "+" / "-"
word = ~r"\w"
_ = " "*
name = basic_id / escape_group
basic_id = ~r"\w[\w'$]*"
escape_group = "\"" ( "\\\"" / ~r"[^\"]" )* "\""
number = raw_number
raw_number = ("+" / "-")? (~r"\d+\.?\d*([eE][+-]?\d+)?" / ~r"\.\d+([eE][+-]?\d+)?")
"""
_WAITING, _CHOSEN, _LAST = "if", "then", "else"


def plain_equation(text: str) -> str:
    """An equation on one line, without comments, each IF in brackets."""
    pieces = re.split(r'("[^"]*")', text)
    pieces[::2] = [_COMMENT.sub(" ", piece) for piece in pieces[::2]]
    flat = " ".join("".join(pieces).split())
    return with_plain_bases(_with_brackets(flat))


def _with_brackets(text: str) -> str:
    """IF a THEN b ELSE c may stand anywhere, in another's ELSE too: it ends where its bracket or argument ends."""
    out: list[str] = []
    levels: list[list[str]] = [[]]  # of each open bracket the IFs begun in it, by the part they have reached

    def close(until: str = "") -> None:
        while levels[-1] and levels[-1][-1] != until:
            levels[-1].pop()
            out.append(")")

    for token in _TOKEN.findall(text):
        word = token.upper()
        if word == "IF":
            levels[-1].append(_WAITING)
            token = "(IF"
        elif word in ("THEN", "ELSE"):
            before, after = (_WAITING, _CHOSEN) if word == "THEN" else (_CHOSEN, _LAST)
            close(before)
            if levels[-1]:
                levels[-1][-1] = after
            token = word
        elif token in "([":
            levels.append([])
        elif token in ",)]":
            close()
            if token != "," and len(levels) > 1:
                levels.pop()
        out.append(token)
    while levels:
        close()
        levels.pop()
    return "".join(out)
