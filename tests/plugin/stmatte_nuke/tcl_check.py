# SPDX-License-Identifier: Apache-2.0
"""Reads a Nuke script as what it is: Tcl, by a real Tcl.

Every statement runs in a stripped interpreter that knows `set`, `stack`, `push`, `add_layer` and
`end_group`; any other word is a class of node with one braced list. What comes out is the nodes
with their inputs, the knobs that each adds, the layers, and what is wrong. Needs Python's tkinter
or a `tclsh`; knows nothing of STMatte.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

_CHECK = r"""
proc coded {text} {return "x[binary encode hex [encoding convertto utf-8 $text]]"}
proc note {args} {append ::said [join $args " "] "\n"}
proc problem {text} {note problem [coded $text]}
proc here {} {lindex $::open end}
proc put_on {node} {set l [lindex $::stacks end]; lappend l $node; lset ::stacks end $l}
proc take_off {} {
    set l [lindex $::stacks end]
    if {$l eq ""} {
        if {[llength $::stacks] > 1} {problem "nothing is left on the stack in [here]"}
        return "-"
    }
    lset ::stacks end [lrange $l 0 end-1]
    return [lindex $l end]
}
proc do_stack {at} {
    set l [lindex $::stacks end]
    return [expr {$at < [llength $l] ? [lindex $l end-$at] : 0}]
}
proc do_push {node} {put_on [expr {$node eq "0" ? "-" : $node}]}
proc do_add_layer {layer} {
    set words {}
    foreach each $layer {lappend words [coded $each]}
    note layer {*}$words
}
proc do_end_group {} {
    if {[llength $::open] < 2} {problem "end_group without a group"; return}
    set group [here]
    set ::open [lrange $::open 0 end-1]
    set ::stacks [lrange $::stacks 0 end-1]
    put_on $group
}
proc do_node {kind args} {
    if {[llength $args] != 1} {problem "$kind has [llength $args] words after it"; return}
    set body [lindex $args 0]
    if {[catch {llength $body} length]} {problem "$kind: $length"; return}
    if {$length % 2} {problem "$kind: a knob has no value"; return}
    set node [incr ::count]
    set name ""; set takes 1
    foreach {knob value} $body {
        if {$knob eq "name"} {set name $value}
        if {$knob eq "inputs"} {set takes [expr [join [split $value +] +]]}
    }
    set inputs {}
    for {set i 0} {$i < $takes} {incr i} {lappend inputs [take_off]}
    note node $node [coded $kind] [coded $name] [here] {*}$inputs
    foreach {knob value} $body {
        if {$knob ne "addUserKnob"} {note knob $node [coded $knob] [coded $value]; continue}
        if {[catch {llength $value} length]} {problem "$name: addUserKnob: $length"; continue}
        set words {}
        set of ""
        foreach each $value {
            if {$of ne "M"} {lappend words [coded $each]} else {
                set items {}
                if {[catch {llength $each} length]} {problem "$name: M: $length"; set each ""}
                foreach item $each {lappend items [coded $item]}
                lappend words [join $items ,],
            }
            set of [expr {$of in {M l t T n} ? "" : $each}]
        }
        note user $node {*}$words
    }
    if {$kind in {Group Gizmo}} {lappend ::open $node; lappend ::stacks {}} else {put_on $node}
}
proc check {text} {
    set ::said ""; set ::count 0; set ::open {-}; set ::stacks {{}}
    set child [interp create -safe]
    foreach each [$child eval {info commands}] {
        if {$each ni {set rename}} {$child eval [list rename $each {}]}
    }
    $child eval {rename rename {}}
    foreach each {stack push add_layer end_group} {$child alias $each do_$each}
    $child alias unknown do_node
    set whole ""
    foreach line [split $text "\n"] {
        if {$whole eq "" && [string index [string trim $line] 0] in {"" "#"}} continue
        if {$whole eq "" && [string match "version *" $line]} continue
        append whole $line "\n"
        if {![info complete $whole]} continue
        if {[catch {$child eval $whole} error]} {problem $error}
        set whole ""
    }
    if {[string trim $whole] ne ""} {problem "the last statement has no end"}
    if {[llength $::open] > 1} {problem "a group has no end"}
    interp delete $child
    return $::said
}
"""


@dataclass(frozen=True)
class UserKnob:
    """A knob that a node adds: what its line says."""

    kind: int
    name: str
    label: str = ""
    tooltip: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    fold: int = 0
    flags: tuple[str, ...] = ()


@dataclass
class Node:
    """A node of a script; `inputs` are the nodes themselves, None where nothing is connected."""

    number: str
    kind: str
    name: str
    group: Node | None
    inputs: tuple[Node | None, ...]
    knobs: dict[str, str] = field(default_factory=dict)
    user_knobs: list[UserKnob] = field(default_factory=list)


@dataclass
class Script:
    """What a script holds, in its order, and what is wrong with it."""

    nodes: list[Node] = field(default_factory=list)
    layers: list[tuple[str, ...]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def inside(self, group: Node) -> list[Node]:
        """Return the nodes right inside a group."""
        return [node for node in self.nodes if node.group is group]


def run_tcl(script: str) -> str:
    """Return what a Tcl script comes to; skips the test where there is no Tcl at all."""
    try:
        import tkinter
    except ImportError:
        return _by_program(script)
    return str(tkinter.Tcl().eval(script))


def read_script(text: str) -> Script:
    """Read a script. Nothing is raised for what is wrong with it: that is among its problems."""
    said = run_tcl(f"{_CHECK}\ncheck {tcl_word(text)}")
    script = Script()
    nodes: dict[str, Node | None] = {"-": None}
    for line in said.splitlines():
        what, *words = line.split(" ")
        if what == "problem":
            script.problems.append(_plain(words[0]))
        elif what == "layer":
            script.layers.append(tuple(_plain(word) for word in words))
        elif what == "node":
            number, kind, name, group, *inputs = words
            taken = tuple(nodes[each] for each in inputs)
            node = Node(number, _plain(kind), _plain(name), nodes[group], taken)
            nodes[number] = node
            script.nodes.append(node)
        else:
            of: Any = nodes[words[0]]
            if what == "knob":
                of.knobs[_plain(words[1])] = _plain(words[2])
            else:
                of.user_knobs.append(_user_knob(words[1:], script.problems))
    _look_for_twins(script)
    return script


def tcl_word(text: str) -> str:
    """Return text as a word that any Tcl reads back as it is."""
    return '"' + "".join(c if c.isalnum() or c in " _" else f"\\u{ord(c):04x}" for c in text) + '"'


def substituted(text: str, values: Mapping[str, str]) -> str:
    """Return what a string knob with Tcl in it comes to, `[value NAME]` being values[NAME]."""
    known = " ".join(f"{tcl_word(name)} {tcl_word(each)}" for name, each in values.items())
    return run_tcl(
        f"set known [dict create {known}]\n"
        "proc value {name} {dict get $::known $name}\n"
        f"subst {tcl_word(text)}"
    )


def _by_program(script: str) -> str:
    program = shutil.which("tclsh")
    if program is None:
        pytest.skip("needs a Tcl: Python's tkinter, or tclsh")
    done = subprocess.run(
        [program],
        input=f"fconfigure stdout -encoding utf-8\nputs -nonewline [eval {tcl_word(script)}]\n",
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def _plain(coded: str) -> str:
    return bytes.fromhex(coded[1:]).decode("utf-8")


def _user_knob(words: list[str], problems: list[str]) -> UserKnob:
    kind, *rest = words
    found: dict[str, Any] = {"kind": int(_plain(kind)), "name": _plain(rest.pop(0)), "flags": ()}
    names = {"l": "label", "t": "tooltip", "T": "text", "n": "fold"}
    while rest:
        word = _plain(rest.pop(0))
        if word == "M":
            coded = rest.pop(0).rstrip(",")
            found["items"] = tuple(_plain(item) for item in coded.split(",") if item)
        elif word == "R":
            found["limits"] = (_plain(rest.pop(0)), _plain(rest.pop(0)))
        elif word == "n":
            found["fold"] = int(_plain(rest.pop(0)))
        elif word in names:
            found[names[word]] = _plain(rest.pop(0))
        elif word[:1] in "+-" and word[1:].replace("_", "").isupper():
            found["flags"] += (word,)
        else:
            problems.append(f"{found['name']}: what is {word!r}?")
    return UserKnob(**found)


def _look_for_twins(script: Script) -> None:
    seen: set[tuple[int, str]] = set()
    for node in script.nodes:
        place = (id(node.group), node.name)
        if place in seen:
            script.problems.append(f"two nodes are called {node.name}")
        seen.add(place)
