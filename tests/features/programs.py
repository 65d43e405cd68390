"""Programs of C as hypothesis writes them, each character with the blocks that it stands in."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

EXPRESSIONS = (
    "a",
    "f(b, c)",
    "d[2]",
    '"if (x) {"',
    "'}'",
    "(e + f)",
    "x /* else { */ + 1",
    "({ g; h; })",
    "(struct s){ 1 }",
)
BLANKS = ("", " ", "\n\t", " /* for (;;) { */ ", " // }\n\t")
IF, LOOP, FUNCTION, CONDITION = "if_block", "loop_block", "function_block", "if_condition"


@dataclass(repr=False)
class Program:
    """The text so far, and what is open behind each of its characters."""

    draw: st.DrawFn
    characters: str = ""
    opened: list[str] = field(default_factory=list)
    inside: list[frozenset[str]] = field(default_factory=list)
    after_if: bool = False  # whether an else might follow
    waiting: int = 0  # how many of the innermost blocks that are open are over unless one does

    def __repr__(self) -> str:
        return self.characters

    def labels(self, feature: str) -> list[bool]:
        return [feature in names for names in self.inside]

    def write(self, text: str) -> None:
        """Tokens, with white space in front of them; the first one ends what an else could have gone on with."""
        blank = len(text) - len(text.lstrip())
        self.add(text[:blank])
        if blank < len(text):
            del self.opened[len(self.opened) - self.waiting :]
            self.waiting, self.after_if = 0, False
            self.add(text[blank:])

    def blank(self) -> None:
        """White space or a comment, which end nothing."""
        self.add(self.draw(st.sampled_from(BLANKS)))

    def add(self, text: str) -> None:
        self.characters += text
        self.inside += [frozenset(self.opened)] * len(text)

    def begin(self, name: str, sign: str) -> None:
        """A block that holds from the last character of its sign on."""
        self.write(sign[:-1])
        self.opened.append(name)
        self.write(sign[-1])

    def end(self, name: str) -> None:
        """A block ends at the character that was just written, or waits whether an else follows."""
        if self.after_if:
            self.waiting += 1
        else:
            assert self.opened.pop() == name
            self.inside[-1] = frozenset(self.opened)

    def expression(self) -> None:
        self.write(self.draw(st.sampled_from(EXPRESSIONS)))

    def statement(self, deep: int) -> None:
        """One statement with all that is in it; its last character is ``;`` or ``}``."""
        simple = (self.simple,)
        kinds = (*simple, self.branch, self.both, self.loop, self.do, self.braces) if deep else simple
        self.draw(st.sampled_from(kinds))(deep - 1)

    def simple(self, deep: int) -> None:
        self.write("y = ")
        self.expression()
        self.write(";")

    def braces(self, deep: int) -> None:
        self.write("{")
        for _ in range(self.draw(st.integers(0, 2))):
            self.blank()
            self.statement(deep)
        self.blank()
        self.write(" }")

    def condition(self) -> None:
        self.begin(CONDITION, "if (")
        self.expression()
        self.opened.remove(CONDITION)

    # An if has a simple body, or braces: so no else that comes later could be meant for one within.

    def branch(self, deep: int) -> None:
        self.condition()
        self.begin(IF, ")")
        self.blank()
        self.draw(st.sampled_from((self.simple, self.braces)))(deep)
        self.end(IF)
        self.after_if = True

    def both(self, deep: int) -> None:
        self.condition()
        self.begin(IF, ")")
        self.blank()
        self.draw(st.sampled_from((self.simple, self.braces)))(deep)
        self.end(IF)
        self.blank()
        self.begin(IF, " else")
        self.write(" ")
        self.statement(deep)
        self.end(IF)

    def loop(self, deep: int) -> None:
        self.write(self.draw(st.sampled_from(("while (a", "for (i = 0; i < 2; i++"))))
        self.begin(LOOP, ")")
        self.blank()
        self.statement(deep)
        self.end(LOOP)

    def do(self, deep: int) -> None:
        self.begin(LOOP, "do")
        self.write(" ")
        self.braces(deep)
        self.end(LOOP)
        self.write(" while (")
        self.expression()
        self.write(");")


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A function of a few statements, the second one nested up to three deep, and a declaration behind it."""
    program = Program(draw)
    program.write("static int f(int a, char *b)\n")
    program.begin(FUNCTION, "{")
    for _ in range(draw(st.integers(0, 3))):
        program.write("\n\t")
        program.statement(3)
    program.write("\n}")
    program.end(FUNCTION)
    program.write("\nint c[] = { 1, 2 };\n")
    return program
